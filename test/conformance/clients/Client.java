import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Properties;
import org.mariadb.jdbc.Driver;
import org.mariadb.jdbc.MariaDbConnection;

/**
 * MariaDB's Connector/J behind the line protocol of ../client-program.ts: opens, asks and closes as it is told, and says
 * what its caller sees. The variant is `autoReconnect`, 0 or 1; or `files`: LOAD DATA LOCAL, and statements prepared by
 * the protocol, which the driver would rather not.
 *
 * It must never know what a statement does, nor catch what the driver means its caller to see.
 */
public final class Client {
  private static final Map<String, Connection> CONNECTIONS = new HashMap<>();
  /** By connection and text. */
  private static final Map<String, Map<String, PreparedStatement>> STATEMENTS = new HashMap<>();

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
      case "execute":
        return execute(words);
      case "large":
        return large(CONNECTIONS.get(words[1]), words[2]);
      case "has":
        return rows(has(words[2]) ? "yes" : "no");
      default:
        STATEMENTS.remove(words[1]);
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
    if (words[2].equals("files")) {
      properties.setProperty("allowLocalInfile", "true");
      properties.setProperty("useServerPrepStmts", "true");
    }
    String url = "jdbc:mariadb://" + words[3] + ":" + words[4] + "/" + words[7];
    CONNECTIONS.put(words[1], new Driver().connect(url, properties));
    return "";
  }

  private static String query(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return answered(statement, statement.execute(sql));
    }
  }

  private static String answered(Statement statement, boolean hasRows) throws SQLException {
    if (!hasRows) return ",\"rows\":[],\"affected\":" + statement.getUpdateCount();
    StringBuilder rows = new StringBuilder();
    try (ResultSet result = statement.getResultSet()) {
      int columns = result.getMetaData().getColumnCount();
      while (result.next()) {
        rows.append(rows.length() == 0 ? "[" : ",[");
        for (int column = 1; column <= columns; column += 1) {
          rows.append(column == 1 ? "" : ",").append(text(result.getString(column)));
        }
        rows.append("]");
      }
    }
    return ",\"rows\":[" + rows + "]";
  }

  /** Prepared when it is first asked for. */
  private static String execute(String[] words) throws SQLException {
    Map<String, PreparedStatement> known = STATEMENTS.computeIfAbsent(words[1], key -> new HashMap<>());
    PreparedStatement statement = known.get(words[2]);
    if (statement == null) {
      statement = CONNECTIONS.get(words[1]).prepareStatement(words[2]);
      known.put(words[2], statement);
    }
    for (int index = 3; index < words.length; index += 1) {
      statement.setString(index - 2, words[index].equals("\\N") ? null : words[index]);
    }
    return answered(statement, statement.execute());
  }

  /** Row by row: the driver keeps none of them. */
  private static String large(Connection connection, String sql) throws SQLException {
    int count = 0;
    MessageDigest bytes;
    try {
      bytes = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException never) {
      throw new IllegalStateException(never);
    }
    try (Statement statement = connection.createStatement()) {
      statement.setFetchSize(1);
      ResultSet result = statement.executeQuery(sql);
      for (; result.next(); count += 1) bytes.update(result.getBytes(1));
    }
    return rows(String.valueOf(count), HexFormat.of().formatHex(bytes.digest()));
  }

  private static boolean has(String call) {
    return Arrays.stream(MariaDbConnection.class.getMethods()).anyMatch(method -> method.getName().equals(call));
  }

  /** One row. */
  private static String rows(String... values) {
    return ",\"rows\":[[" + String.join(",", Arrays.stream(values).map(Client::text).toList()) + "]]";
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
