import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.mariadb.jdbc.Driver;
import org.mariadb.jdbc.MariaDbConnection;

/**
 * MariaDB's Connector/J behind the line protocol of ../client-program.ts: opens, asks and closes as it is told, and says
 * what its caller sees. The variant is `autoReconnect`, 0 or 1.
 *
 * It must never know what a statement does, nor catch what the driver means its caller to see.
 */
public final class Client {
  private static final Map<String, Connection> CONNECTIONS = new HashMap<>();

  public static void main(String[] arguments) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split("\t", -1);
      String answer;
      try {
        answer = answer(words);
      } catch (SQLException error) {
        answer = seen(error);
      }
      out.println("{\"session\":" + session(CONNECTIONS.get(words[1])) + answer + "}");
    }
  }

  private static String answer(String[] words) throws SQLException {
    switch (words[0]) {
      case "connect":
        return connect(words);
      case "query":
        return query(CONNECTIONS.get(words[1]), words[2]);
      default:
        Connection connection = CONNECTIONS.remove(words[1]);
        if (connection != null) connection.close();
        return "";
    }
  }

  private static String connect(String[] words) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", words[5]);
    properties.setProperty("password", words[6]);
    if (words[2].equals("1")) properties.setProperty("autoReconnect", "true");
    String url = "jdbc:mariadb://" + words[3] + ":" + words[4] + "/" + words[7];
    CONNECTIONS.put(words[1], new Driver().connect(url, properties));
    return "";
  }

  private static String query(Connection connection, String sql) throws SQLException {
    StringBuilder rows = new StringBuilder();
    try (Statement statement = connection.createStatement()) {
      if (statement.execute(sql)) {
        ResultSet result = statement.getResultSet();
        int columns = result.getMetaData().getColumnCount();
        while (result.next()) {
          rows.append(rows.length() == 0 ? "[" : ",[");
          for (int column = 1; column <= columns; column += 1) {
            rows.append(column == 1 ? "" : ",").append(text(result.getString(column)));
          }
          rows.append("]");
        }
      }
    }
    return ",\"rows\":[" + rows + "]";
  }

  private static String seen(SQLException error) {
    return ",\"error\":{\"class\":" + text(error.getClass().getName())
        + ",\"errno\":" + error.getErrorCode()
        + ",\"sqlState\":" + text(error.getSQLState())
        + ",\"message\":" + text(error.getMessage()) + "}";
  }

  /** The id of the greeting; the driver keeps it when the session is lost. */
  private static String session(Connection connection) {
    if (connection == null) return "null";
    return Long.toString(((MariaDbConnection) connection).getServerThreadId());
  }

  /** As JSON. */
  private static String text(String value) {
    if (value == null) return "null";
    StringBuilder quoted = new StringBuilder("\"");
    for (char it : value.toCharArray()) {
      if (it < ' ' || it == '"' || it == '\\') quoted.append(String.format("\\u%04x", (int) it));
      else quoted.append(it);
    }
    return quoted.append('"').toString();
  }
}
