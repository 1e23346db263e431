<?php
/**
 * PHP's PDO_MYSQL behind the line protocol of ../client-program.ts: opens, asks and closes as it is told, and says what
 * its caller sees.
 *
 * It must never know what a statement does, nor catch what the driver means its caller to see.
 */

$connections = [];
/** By connection and text. */
$statements = [];

function connect(string $key, string $variant, string $host, string $port, string $user, string $password, string $database): array
{
    global $connections;
    $name = "mysql:host=$host;port=$port" . ($database === '' ? '' : ";dbname=$database");
    $connections[$key] = new PDO($name, $user, $password, $variant === 'files' ? [PDO::MYSQL_ATTR_LOCAL_INFILE => true] : []);
    return [];
}

function query(string $key, string $sql): array
{
    global $connections;
    return answered($connections[$key]->query($sql));
}

function answered(PDOStatement $statement): array
{
    return rows($statement->fetchAll(PDO::FETCH_NUM)) + ['affected' => $statement->rowCount()];
}

function rows(array $rows): array
{
    return ['rows' => array_map(fn ($row) => array_map(fn ($it) => $it === null ? null : (string) $it, $row), $rows)];
}

/** What PDO does with this attribute set so. */
function having(PDO $connection, int $attribute, bool $value, callable $what): PDOStatement
{
    $connection->setAttribute($attribute, $value);
    try {
        return $what($connection);
    } finally {
        $connection->setAttribute($attribute, !$value);
    }
}

/** Prepared by the protocol, when it is first asked for; PDO would rather write the values into the text. */
function execute(string $key, string $sql, string ...$values): array
{
    global $connections, $statements;
    $statement = $statements[$key][$sql]
        ??= having($connections[$key], PDO::ATTR_EMULATE_PREPARES, false, fn ($it) => $it->prepare($sql));
    $statement->execute(array_map(fn ($it) => $it === '\\N' ? null : $it, $values));
    return answered($statement);
}

/** Row by row: the driver keeps none of them. */
function large(string $key, string $sql): array
{
    global $connections;
    $result = having($connections[$key], PDO::MYSQL_ATTR_USE_BUFFERED_QUERY, false, fn ($it) => $it->query($sql));
    [$count, $bytes] = [0, hash_init('sha256')];
    for (; $row = $result->fetch(PDO::FETCH_NUM); $count += 1) hash_update($bytes, $row[0]);
    return rows([[$count, hash_final($bytes)]]);
}

function has(string $key, string $call): array
{
    return rows([[method_exists('PDO', $call) ? 'yes' : 'no']]);
}

function close(string $key): array
{
    global $connections, $statements;
    unset($statements[$key], $connections[$key]);
    return [];
}

while (($line = fgets(STDIN)) !== false) {
    [$verb, $key, $rest] = array_pad(explode("\t", rtrim($line, "\n"), 3), 3, null);
    try {
        $answer = $verb($key, ...($rest === null ? [] : explode("\t", $rest)));
    } catch (PDOException $it) {
        // What stands in `code` is the SQLSTATE, or at a login the number; `errorInfo` has both.
        $answer = ['error' => [
            'class' => $it::class,
            'errno' => $it->errorInfo[1] ?? null,
            'sqlState' => $it->errorInfo[0] ?? null,
            'code' => $it->getCode(),
            'message' => $it->getMessage(),
        ]];
    }
    // PDO does not tell which session it has.
    $answer['session'] = null;
    echo json_encode($answer), "\n";
}
