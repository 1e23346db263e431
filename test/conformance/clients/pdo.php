<?php
/**
 * PHP's PDO_MYSQL behind the line protocol of ../client-program.ts: opens, asks and closes as it is told, and says what
 * its caller sees.
 *
 * It must never know what a statement does, nor catch what the driver means its caller to see.
 */

$connections = [];

function connect(string $key, string $variant, string $host, string $port, string $user, string $password, string $database): array
{
    global $connections;
    $name = "mysql:host=$host;port=$port" . ($database === '' ? '' : ";dbname=$database");
    $connections[$key] = new PDO($name, $user, $password);
    return [];
}

function query(string $key, string $sql): array
{
    global $connections;
    $rows = $connections[$key]->query($sql)->fetchAll(PDO::FETCH_NUM);
    return ['rows' => array_map(fn ($row) => array_map(fn ($it) => $it === null ? null : (string) $it, $row), $rows)];
}

function close(string $key): array
{
    global $connections;
    unset($connections[$key]);
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
