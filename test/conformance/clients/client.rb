# Ruby's mysql2 behind the line protocol of ../client-program.ts: opens, asks and closes as it is told, and says what its
# caller sees. The variant is `reconnect`, 0 or 1.
#
# It must never know what a statement does, nor catch what the driver means its caller to see.
require 'json'
require 'mysql2'

STDOUT.sync = true
connections = {}
sessions = {}

def seen(error)
  { error: { class: error.class.name, errno: error.error_number, sqlState: error.sql_state, message: error.message } }
end

# It forgets the id when it has lost the session.
def session_of(client)
  client.thread_id
rescue Mysql2::Error
  nil
end

verbs = {
  'connect' => lambda do |key, variant, host, port, user, password, database|
    connections[key] = Mysql2::Client.new(
      host: host, port: port.to_i, username: user, password: password,
      database: database.empty? ? nil : database, reconnect: variant == '1'
    )
    {}
  end,
  'query' => lambda do |key, sql|
    result = connections[key].query(sql, as: :array)
    { rows: result.nil? ? [] : result.to_a.map { |row| row.map { |it| it&.to_s } } }
  end,
  'close' => lambda do |key|
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
