<?php
/**
 * PHP's mysqli behind the line protocol of ../client-program.ts: opens, asks and closes as it is told, and says what its
 * caller sees.
 *
 * It must never know what a statement does, nor catch what the driver means its caller to see.
 */

$connections = [];
/** By connection and text. */
$statements = [];

function connect(string $key, string $variant, string $host, string $port, string $user, string $password, string $database): array
{
    global $connections;
    $database = $database === '' ? null : $database;
    if ($variant !== 'files') {
        $connections[$key] = new mysqli($host, $user, $password, $database, (int) $port);
        return [];
    }
    $opened = mysqli_init();
    $opened->options(MYSQLI_OPT_LOCAL_INFILE, 1);
    $opened->real_connect($host, $user, $password, $database, (int) $port);
    $connections[$key] = $opened;
    return [];
}

function query(string $key, string $sql): array
{
    global $connections;
    $result = $connections[$key]->query($sql);
    return rows($result === true ? [] : $result->fetch_all(MYSQLI_NUM)) + ['affected' => $connections[$key]->affected_rows];
}

/** The id that the server gave is a string whatever its type. */
function rows(array $rows): array
{
    return ['rows' => array_map(fn ($row) => array_map(fn ($it) => $it === null ? null : (string) $it, $row), $rows)];
}

/** Prepared by the protocol, when it is first asked for. */
function execute(string $key, string $sql, string ...$values): array
{
    global $connections, $statements;
    $statement = $statements[$key][$sql] ??= $connections[$key]->prepare($sql);
    $statement->execute(array_map(fn ($it) => $it === '\\N' ? null : $it, $values));
    $result = $statement->get_result();
    return rows($result === false ? [] : $result->fetch_all(MYSQLI_NUM)) + ['affected' => $statement->affected_rows];
}

/** Row by row: the driver keeps none of them. */
function large(string $key, string $sql): array
{
    global $connections;
    $result = $connections[$key]->query($sql, MYSQLI_USE_RESULT);
    [$count, $bytes] = [0, hash_init('sha256')];
    for (; $row = $result->fetch_row(); $count += 1) hash_update($bytes, $row[0]);
    return rows([[$count, hash_final($bytes)]]);
}

function change(string $key, string $user, string $password, string $database): array
{
    global $connections;
    $connections[$key]->change_user($user, $password, $database);
    return [];
}

function has(string $key, string $call): array
{
    return rows([[method_exists('mysqli', $call) ? 'yes' : 'no']]);
}

function close(string $key): array
{
    global $connections, $statements;
    unset($statements[$key]);
    if (isset($connections[$key])) $connections[$key]->close();
    unset($connections[$key]);
    return [];
}

while (($line = fgets(STDIN)) !== false) {
    [$verb, $key, $rest] = array_pad(explode("\t", rtrim($line, "\n"), 3), 3, null);
    try {
        $answer = $verb($key, ...($rest === null ? [] : explode("\t", $rest)));
    } catch (mysqli_sql_exception $it) {
        $answer = ['error' => [
            'class' => $it::class,
            'errno' => $it->getCode(),
            'sqlState' => $it->getSqlState(),
            'message' => $it->getMessage(),
        ]];
    }
    $answer['session'] = isset($connections[$key]) ? $connections[$key]->thread_id : null;
    echo json_encode($answer), "\n";
}
