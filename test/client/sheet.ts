/**
 * Tables A to G, and the first of I, of the sheet of measured clients (clients.md §3), row by row as they stand there: clients, immediate,
 * 200 ms pauses. `=` is the immediate column again, `—` was not measured, a bold `/` parts outcomes that were both seen.
 *
 * Data only; `driver-cells.test.ts` reads it.
 */

export interface SheetRow {
  readonly clients: readonly string[];
  /** Every outcome that the sheet allows, `1317 · 2013 · 2006 · 2006`; none where nothing was measured. */
  readonly immediate: readonly string[];
  readonly paused: readonly string[];
}

const TABLES = {
  // ERR 1317, then FIN — *and identically* ERR 1317, then close
  A: `
| mariadb CLI, obclient | 1317 · 2013 · 2006⟳ok+1 · ok+1 | = |
| mariadb CLI -skip, obclient -skip, MySQLdb, DBD::mysql ar=0, DBD::MariaDB | 1317 · 2013 · 2006 · 2006 | = |
| ruby | 1317 · 2013 · NOTCONN · NOTCONN | = |
| ruby rc | (6×) 1317 · ok+1 · ok+1 · ok+1 **/** (1×) 1317 · 2013 · ok+1 · ok+1 | 1317 · ok+1 · ok+1 · ok+1 |
| DBD::mysql ar=1, mysql pool | 1317 · ok+1 · ok+1 · ok+1 | = |
| PyMySQL | 1317 · 2013 · IE0 · IE0 | = |
| mysqli, PDO | 1317 · 2006 · 2006 · 2006 | = |
| mysql2 conn | 1317 · PCL · CLOSED · CLOSED | 1317 · CLOSED · CLOSED · CLOSED |
| mysql2 pool, knex | 1317 · PCL · ok+1 · ok+1 | 1317 · ok+1 · ok+1 · ok+1 |
| mysql conn | 1317 · PCL · AFTER · AFTER | 1317 · AFTER · AFTER · AFTER |
| mariadb conn | 1317 · 45009 · 45013 · 45013 | 1317 · 45013 · 45013 · 45013 |
| mariadb pool | 1317 · 45009 · ok+1 · ok+1 | 1317 · ok+1 · ok+2 · ok+3 |
| C/J | 1317ᵗ · EOS · JCLOSED · JCLOSED | = |
| C/J aR | 1317ᵗ · EOS · ok+1 · ok+1 | = |
| go DB | (4×) 1317 · ok+1 · ok+1 · ok+1 **/** (3×) 1317 · INV · ok+1 · ok+1 | 1317 · ok+1 · ok+1 · ok+1 |
| go Conn | 1317 · INV · BAD · SQLC | = |
`,
  // ERR 1317, FIN 50 ms later (differs only where the second query wins the race)
  "A'": `
| mariadb CLI, obclient | 1317 · 2013 · 2006⟳ok+1 · ok+1 | = |
| mariadb CLI -skip, obclient -skip, MySQLdb, DBD::mysql ar=0, DBD::MariaDB | 1317 · 2013 · 2006 · 2006 | = |
| ruby | 1317 · 2013 · NOTCONN · NOTCONN | = |
| ruby rc | 1317 · 2013 · ok+1 · ok+1 | 1317 · ok+1 · ok+1 · ok+1 |
| DBD::mysql ar=1, mysql pool | 1317 · ok+1 · ok+1 · ok+1 | = |
| PyMySQL | 1317 · 2013 · IE0 · IE0 | = |
| mysqli, PDO | 1317 · 2006 · 2006 · 2006 | = |
| mysql2 conn | 1317 · PCL · CLOSED · CLOSED | 1317 · CLOSED · CLOSED · CLOSED |
| mysql2 pool, knex | 1317 · PCL · ok+1 · ok+1 | 1317 · ok+1 · ok+1 · ok+1 |
| mysql conn | 1317 · PCL · AFTER · AFTER | 1317 · AFTER · AFTER · AFTER |
| mariadb conn | 1317 · 45009 · 45013 · 45013 | 1317 · 45013 · 45013 · 45013 |
| mariadb pool | 1317 · 45009 · ok+1 · ok+2 | 1317 · ok+1 · ok+2 · ok+3 |
| C/J | 1317ᵗ · EOS · JCLOSED · JCLOSED | = |
| C/J aR | 1317ᵗ · EOS · ok+1 · ok+1 | = |
| go DB | 1317 · INV · ok+1 · ok+1 | 1317 · ok+1 · ok+1 · ok+1 |
| go Conn | 1317 · INV · BAD · SQLC | = |
`,
  // ERR 1317, then RST
  "A''": `
| mariadb CLI | (4×) 1317 · 2013 · 2006⟳ok+1 · ok+1 **/** (2×) 1317 · 2006⟳ok+1 · ok+1 · ok+1 | 1317 · 2006⟳ok+1 · ok+1 · ok+1 |
| obclient | 1317 · 2013 · 2006⟳ok+1 · ok+1 | 1317 · 2006⟳ok+1 · ok+1 · ok+1 |
| mariadb CLI -skip, obclient -skip | 1317 · 2013 · 2006 · 2006 | 1317 · 2006 · 2006 · 2006 |
| MySQLdb | (5×) 1317 · 2006 · 2006 · 2006 **/** (1×) 1317 · 2013 · 2006 · 2006 | 1317 · 2006 · 2006 · 2006 |
| DBD::mysql ar=0, DBD::MariaDB, mysqli, PDO | 1317 · 2006 · 2006 · 2006 | = |
| ruby | (4×) 1317 · 2013 · NOTCONN · NOTCONN **/** (2×) 1317 · 2006 · NOTCONN · NOTCONN | 1317 · 2006 · NOTCONN · NOTCONN |
| ruby rc | (4×) 1317 · 2013 · ok+1 · ok+1 **/** (2×) 1317 · ok+1 · ok+1 · ok+1 | 1317 · ok+1 · ok+1 · ok+1 |
| DBD::mysql ar=1, mysql pool | 1317 · ok+1 · ok+1 · ok+1 | = |
| PyMySQL | (4×) 1317 · 2006 · IE0 · IE0 **/** (2×) 1317 · 2013 · IE0 · IE0 | 1317 · 2006 · IE0 · IE0 |
| mysql2 conn | 1317 · RESET · CLOSED · CLOSED | 1317 · CLOSED · CLOSED · CLOSED |
| mysql2 pool, knex | 1317 · RESET · ok+1 · ok+1 | 1317 · ok+1 · ok+1 · ok+1 |
| mysql conn | 1317 · RESET · AFTER · AFTER | 1317 · AFTER · AFTER · AFTER |
| mariadb conn | 1317 · RESET · 45013 · 45013 | 1317 · 45013 · 45013 · 45013 |
| mariadb pool | 1317 · RESET · ok+1 · ok+1 | 1317 · ok+1 · ok+2 · ok+3 |
| C/J | 1317ᵗ · JRESET · JCLOSED · JCLOSED | = |
| C/J aR | 1317ᵗ · JRESET · ok+1 · ok+1 | = |
| go DB | (4×) 1317 · ok+1 · ok+1 · ok+1 **/** (2×) 1317 · INV · ok+1 · ok+1 | 1317 · ok+1 · ok+1 · ok+1 |
| go Conn | (5×) 1317 · BAD · SQLC · SQLC **/** (1×) 1317 · INV · BAD · SQLC | 1317 · BAD · SQLC · SQLC |
`,
  // ERR 1317, connection kept until the next command, then FIN (close: the same; RST: RESET/JRESET in the Node and Java rows, 2013 unchanged)
  'A‴': `
| mariadb CLI, obclient | 1317 · 2013 · 2006⟳ok+1 · ok+1 | = |
| mariadb CLI -skip, obclient -skip, MySQLdb, DBD::mysql ar=0, DBD::MariaDB | 1317 · 2013 · 2006 · 2006 | = |
| ruby | 1317 · 2013 · NOTCONN · NOTCONN | = |
| ruby rc | 1317 · 2013 · ok+1 · ok+1 | = |
| DBD::mysql ar=1 | 1317 · ok+1 · ok+1 · ok+1 | = |
| PyMySQL | 1317 · 2013 · IE0 · IE0 | = |
| mysqli, PDO | 1317 · 2006 · 2006 · 2006 | = |
| mysql2 conn | 1317 · PCL · CLOSED · CLOSED | = |
| mysql2 pool, knex, mysql pool | 1317 · PCL · ok+1 · ok+1 | = |
| mysql conn | 1317 · PCL · AFTER · AFTER | = |
| mariadb conn | 1317 · 45009 · 45013 · 45013 | = |
| mariadb pool | 1317 · 45009 · ok+1 · ok+1 | 1317 · 45009 · ok+1 · ok+2 |
| C/J | 1317ᵗ · EOS · JCLOSED · JCLOSED | = |
| C/J aR | 1317ᵗ · EOS · ok+1 · ok+1 | = |
| go DB | 1317 · INV · ok+1 · ok+1 | = |
| go Conn | 1317 · INV · BAD · SQLC | = |
`,
  // FIN in the middle of a query, no answer (close: identical)
  B: `
| mariadb CLI, obclient | 2013 · 2006⟳ok+1 · ok+1 · ok+1 | = |
| mariadb CLI -skip, obclient -skip, MySQLdb, DBD::mysql ar=0, DBD::MariaDB | 2013 · 2006 · 2006 · 2006 | = |
| ruby | 2013 · NOTCONN · NOTCONN · NOTCONN | = |
| ruby rc | 2013 · ok+1 · ok+1 · ok+1 | = |
| DBD::mysql ar=1 | 2013 · ok+2 · ok+2 · ok+2 | = |
| PyMySQL | 2013 · IE0 · IE0 · IE0 | = |
| mysqli, PDO | 2006 · 2006 · 2006 · 2006 | = |
| mysql2 conn | PCL · CLOSED · CLOSED · CLOSED | = |
| mysql2 pool, knex, mysql pool | PCL · ok+1 · ok+1 · ok+1 | = |
| mysql conn | PCL · AFTER · AFTER · AFTER | = |
| mariadb conn | 45009 · 45013 · 45013 · 45013 | = |
| mariadb pool | 45009 · ok+1 · ok+2 · ok+3 | = |
| C/J | EOS · JCLOSED · JCLOSED · JCLOSED | = |
| C/J aR | EOS · ok+1 · ok+1 · ok+1 | = |
| go DB | INV · ok+1 · ok+1 · ok+1 | = |
| go Conn | INV · BAD · SQLC · SQLC | = |
`,
  // RST in the middle of a query
  C: `
| mariadb CLI, obclient | 2013 · 2006⟳ok+1 · ok+1 · ok+1 | = |
| mariadb CLI -skip, obclient -skip, MySQLdb, DBD::mysql ar=0, DBD::MariaDB | 2013 · 2006 · 2006 · 2006 | = |
| ruby | 2013 · NOTCONN · NOTCONN · NOTCONN | = |
| ruby rc | 2013 · ok+1 · ok+1 · ok+1 | = |
| DBD::mysql ar=1 | 2013 · ok+2 · ok+2 · ok+2 | = |
| PyMySQL | 2013 · IE0 · IE0 · IE0 | = |
| mysqli, PDO | 2006 · 2006 · 2006 · 2006 | = |
| mysql2 conn | RESET · CLOSED · CLOSED · CLOSED | = |
| mysql2 pool, knex, mysql pool | RESET · ok+1 · ok+1 · ok+1 | = |
| mysql conn | RESET · AFTER · AFTER · AFTER | = |
| mariadb conn | RESET · 45013 · 45013 · 45013 | = |
| mariadb pool | RESET · ok+1 · ok+2 · ok+3 | = |
| C/J | JRESET · JCLOSED · JCLOSED · JCLOSED | = |
| C/J aR | JRESET · ok+1 · ok+1 · ok+1 | = |
| go DB | INV · ok+1 · ok+1 · ok+1 | = |
| go Conn | INV · BAD · SQLC · SQLC | = |
`,
  // FIN while idle (close: identical)
  D: `
| mariadb CLI, obclient | ok · 2013 · 2006⟳ok+1 · ok+1 | = |
| mariadb CLI -skip, obclient -skip, MySQLdb, DBD::mysql ar=0, DBD::MariaDB | ok · 2013 · 2006 · 2006 | = |
| ruby | ok · 2013 · NOTCONN · NOTCONN | = |
| ruby rc | (4×) ok · 2013 · ok+1 · ok+1 **/** (2×) ok · ok+1 · ok+1 · ok+1 | ok · ok+1 · ok+1 · ok+1 |
| DBD::mysql ar=1, mysql pool | ok · ok+1 · ok+1 · ok+1 | = |
| PyMySQL | ok · 2013 · IE0 · IE0 | = |
| mysqli, PDO | ok · 2006 · 2006 · 2006 | = |
| mysql2 conn | ok · PCL · CLOSED · CLOSED | ok · CLOSED · CLOSED · CLOSED |
| mysql2 pool, knex | ok · PCL · ok+1 · ok+1 | ok · ok+1 · ok+1 · ok+1 |
| mysql conn | ok · PCL · AFTER · AFTER | ok · AFTER · AFTER · AFTER |
| mariadb conn | ok · 45009 · 45013 · 45013 | ok · 45013 · 45013 · 45013 |
| mariadb pool | (5×) ok · 45009 · ok+1 · ok+1 **/** (1×) ok · 45009 · ok+1 · ok+2 | ok · ok+1 · ok+2 · ok+3 |
| C/J | ok · EOS · JCLOSED · JCLOSED | = |
| C/J aR | ok · EOS · ok+1 · ok+1 | = |
| go DB | (5×) ok · ok+1 · ok+1 · ok+1 **/** (1×) ok · INV · ok+1 · ok+1 | ok · ok+1 · ok+1 · ok+1 |
| go Conn | ok · INV · BAD · SQLC | = |
`,
  // RST while idle
  E: `
| mariadb CLI | (4×) ok · 2006⟳ok+1 · ok+1 · ok+1 **/** (2×) ok · 2013 · 2006⟳ok+1 · ok+1 | ok · 2006⟳ok+1 · ok+1 · ok+1 |
| obclient | ok · 2013 · 2006⟳ok+1 · ok+1 | ok · 2006⟳ok+1 · ok+1 · ok+1 |
| mariadb CLI -skip, obclient -skip, DBD::mysql ar=0, DBD::MariaDB, mysqli, PDO | ok · 2006 · 2006 · 2006 | = |
| MySQLdb | (4×) ok · 2013 · 2006 · 2006 **/** (2×) ok · 2006 · 2006 · 2006 | ok · 2006 · 2006 · 2006 |
| ruby | (4×) ok · 2013 · NOTCONN · NOTCONN **/** (2×) ok · 2006 · NOTCONN · NOTCONN | ok · 2006 · NOTCONN · NOTCONN |
| ruby rc | (3×) ok · ok+1 · ok+1 · ok+1 **/** (3×) ok · 2013 · ok+1 · ok+1 | ok · ok+1 · ok+1 · ok+1 |
| DBD::mysql ar=1, mysql pool | ok · ok+1 · ok+1 · ok+1 | = |
| PyMySQL | ok · 2006 · IE0 · IE0 | = |
| mysql2 conn | ok · RESET · CLOSED · CLOSED | ok · CLOSED · CLOSED · CLOSED |
| mysql2 pool, knex | ok · RESET · ok+1 · ok+1 | ok · ok+1 · ok+1 · ok+1 |
| mysql conn | ok · RESET · AFTER · AFTER | ok · AFTER · AFTER · AFTER |
| mariadb conn | ok · RESET · 45013 · 45013 | ok · 45013 · 45013 · 45013 |
| mariadb pool | ok · RESET · ok+1 · ok+1 | ok · ok+1 · ok+2 · ok+3 |
| C/J | ok · JRESET · JCLOSED · JCLOSED | = |
| C/J aR | ok · JRESET · ok+1 · ok+1 | = |
| go DB | (3×) ok · INV · ok+1 · ok+1 **/** (3×) ok · ok+1 · ok+1 · ok+1 | ok · ok+1 · ok+1 · ok+1 |
| go Conn | (4×) ok · INV · BAD · SQLC **/** (2×) ok · BAD · SQLC · SQLC | ok · BAD · SQLC · SQLC |
`,
  // ERR 1317, connection stays open (KILL QUERY)
  F: `
| mariadb CLI, obclient, mariadb CLI -skip, obclient -skip, MySQLdb, DBD::mysql ar=0, DBD::MariaDB, ruby, ruby rc, DBD::mysql ar=1, PyMySQL, mysqli, PDO, mysql2 conn, mysql2 pool, knex, mysql conn, mysql pool, mariadb conn, go DB, go Conn | 1317 · ok · ok · ok | = |
| mariadb pool | 1317 · ok · ok · ok+1 | 1317 · ok · ok+1 · ok+2 |
| C/J, C/J aR | 1317ᵗ · ok · ok · ok | = |
`,
  // FIN in the middle of a result set (column definitions + 1 row sent; close: identical)
  G: `
| mariadb CLI, obclient | 2013 · 2006⟳ok+1 · ok+1 · ok+1 | = |
| mariadb CLI -skip, obclient -skip | — | 2013 · 2006 · 2006 · 2006 |
| MySQLdb, DBD::mysql ar=0, DBD::MariaDB | 2013 · 2006 · 2006 · 2006 | = |
| ruby | 2013 · NOTCONN · NOTCONN · NOTCONN | = |
| ruby rc, DBD::mysql ar=1 | 2013 · ok+1 · ok+1 · ok+1 | = |
| PyMySQL | 2013 · IE0 · IE0 · IE0 | = |
| mysqli, PDO | 2006 · 2006 · 2006 · 2006 | = |
| mysql2 conn | PCL · CLOSED · CLOSED · CLOSED | = |
| mysql2 pool, knex, mysql pool | PCL · ok+1 · ok+1 · ok+1 | = |
| mysql conn | PCL · AFTER · AFTER · AFTER | = |
| mariadb conn | 45009 · 45013 · 45013 · 45013 | = |
| mariadb pool | 45009 · ok+1 · ok+2 · ok+3 | = |
| C/J | EOS · JCLOSED · JCLOSED · JCLOSED | = |
| C/J aR | EOS · ok+1 · ok+1 · ok+1 | = |
| go DB | INV · ok+1 · ok+1 · ok+1 | = |
| go Conn | INV · BAD · SQLC · SQLC | = |
`,
  // Unsolicited ERR 4031 while idle, then FIN
  I: `
| mariadb CLI, obclient | ok · 4031 · 2013 · 2006⟳ok+1 | = |
| mariadb CLI -skip, obclient -skip, MySQLdb, DBD::mysql ar=0, DBD::MariaDB | ok · 4031 · 2013 · 2006 | = |
| ruby | ok · 4031 · 2013 · NOTCONN | = |
| ruby rc | (5×) ok · ok+1 · ok+1 · ok+1 **/** (1×) ok · 4031 · 2013 · ok+1 | ok · ok+1 · ok+1 · ok+1 |
| DBD::mysql ar=1 | ok · 4031 · ok+1 · ok+1 | = |
| PyMySQL | ok · 2013 · IE0 · IE0 | = |
| mysqli, PDO | ok · 2006 · 2006 · 2006 | = |
| mysql2 conn | (5×) ok · CLOSED · CLOSED · CLOSED **/** (1×) ok · 4031 · PCL · CLOSED | ok · CLOSED · CLOSED · CLOSED |
| mysql2 pool, knex, mysql pool, go DB | ok · ok+1 · ok+1 · ok+1 | = |
| mysql conn | ok · AFTER · AFTER · AFTER | = |
| mariadb conn | ok · 45009 · 45013 · 45013 | ok · 45013 · 45013 · 45013 |
| mariadb pool | (4×) ok · 45009 · ok+1 · ok+2 **/** (2×) ok · 45009 · ok+1 · ok+1 | ok · ok+1 · ok+2 · ok+3 |
| C/J | ok · 4031 · EOS · JCLOSED | = |
| C/J aR | ok · 4031 · EOS · ok+1 | = |
| go Conn | (4×) ok · BAD · SQLC · SQLC **/** (2×) ok · SYNC · BAD · SQLC | ok · SYNC · BAD · SQLC |
`,
} as const;

export type Mode = keyof typeof TABLES;

/** The rows of a table. */
export function sheet(mode: Mode): SheetRow[] {
  const rows: SheetRow[] = [];
  for (const line of TABLES[mode].trim().split('\n')) {
    const [clients, immediate, paused] = line
      .slice(1, -1)
      .split('|')
      .map((text) => text.trim());
    const now = outcomes(immediate!);
    rows.push({ clients: clients!.split(', '), immediate: now, paused: paused === '=' ? now : outcomes(paused!) });
  }
  return rows;
}

/** What one client does in a mode; throws if the sheet does not say. */
export function sheetRow(mode: Mode, client: string): SheetRow {
  const found = sheet(mode).find((row) => row.clients.includes(client));
  if (found === undefined) throw new Error(`table ${mode} has no row for ${client}`);
  return found;
}

function outcomes(cell: string): string[] {
  if (cell === '—') return [];
  return cell.split('**/**').map((text) => text.replace(/^\s*\(\d+×\)/, '').trim());
}
