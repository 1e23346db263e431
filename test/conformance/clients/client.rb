# Ruby's mysql2 behind the line protocol of ../client-program.ts: opens, asks and closes as it is told, and says what its
# caller sees. The variant is `reconnect`, 0 or 1.
#
# It must never know what a statement does, nor catch what the driver means its caller to see.
require 'digest'
require 'json'
require 'mysql2'

STDOUT.sync = true
connections = {}
sessions = {}
# By connection and text.
statements = Hash.new { |hash, key| hash[key] = {} }

def seen(error)
  { error: { class: error.class.name, errno: error.error_number, sqlState: error.sql_state, message: error.message } }
end

# It forgets the id when it has lost the session.
def session_of(client)
  client.thread_id
rescue Mysql2::Error
  nil
end

def rows_of(result)
  result.nil? ? [] : result.to_a.map { |row| row.map { |it| it&.to_s } }
end

verbs = {
  'connect' => lambda do |key, variant, host, port, user, password, database|
    connections[key] = Mysql2::Client.new(
      host: host, port: port.to_i, username: user, password: password,
      database: database.empty? ? nil : database, reconnect: variant == '1', local_infile: variant == 'files'
    )
    {}
  end,
  'query' => lambda do |key, sql|
    rows = rows_of(connections[key].query(sql, as: :array))
    { rows: rows, affected: connections[key].affected_rows }
  end,
  # Prepared by the protocol, when it is first asked for.
  'execute' => lambda do |key, sql, *values|
    statement = statements[key][sql] ||= connections[key].prepare(sql)
    rows = rows_of(statement.execute(*values.map { |it| it == '\N' ? nil : it }, as: :array))
    { rows: rows, affected: statement.affected_rows }
  end,
  # Row by row: the driver keeps none of them.
  'large' => lambda do |key, sql|
    count = 0
    bytes = Digest::SHA256.new
    connections[key].query(sql, as: :array, stream: true, cache_rows: false).each do |row|
      count += 1
      bytes << row[0]
    end
    { rows: [[count.to_s, bytes.hexdigest]] }
  end,
  'has' => ->(key, call) { { rows: [[connections[key].respond_to?(call) ? 'yes' : 'no']] } },
  'close' => lambda do |key|
    statements.delete(key)
    connections.delete(key)&.close
    {}
  end
}

while (line = STDIN.gets)
  verb, key, *rest = line.chomp.split("\t", -1)
  begin
    answer = verbs[verb].call(key, *rest)
  rescue Mysql2::Error => e
    answer = seen(e)
  end
  sessions[key] = session_of(connections[key]) || sessions[key] if connections.key?(key)
  puts JSON.generate(answer.merge(session: sessions[key]))
end
