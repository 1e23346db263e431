<?php
/**
 * PHP's mysqli behind the line protocol of ../client-program.ts: opens, asks and closes as it is told, and says what its
 * caller sees.
 *
 * It must never know what a statement does, nor catch what the driver means its caller to see.
 */

$connections = [];

function connect(string $key, string $variant, string $host, string $port, string $user, string $password, string $database): array
{
    global $connections;
    $connections[$key] = new mysqli($host, $user, $password, $database === '' ? null : $database, (int) $port);
    return [];
}

function query(string $key, string $sql): array
{
    global $connections;
    $result = $connections[$key]->query($sql);
    // The id that the server gave is a string whatever its type.
    $rows = $result === true ? [] : $result->fetch_all(MYSQLI_NUM);
    return ['rows' => array_map(fn ($row) => array_map(fn ($it) => $it === null ? null : (string) $it, $row), $rows)];
}

function close(string $key): array
{
    global $connections;
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
