/**
 * What PHP's mysqli says of a change (`$m->info`), through the proxy: it does not negotiate SESSION_TRACK, and takes the
 * message of an OK for a length and a text all the same – without a length it loses the connection.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { NodeClock } from '../../proxy/node/clock.ts';
import { startOdp } from './simulated-odp.ts';
import { describeWith } from './skip.ts';

const PROGRAM = `
$m = new mysqli('127.0.0.1', 'app@shop#obdemo', '', 'test', (int) $argv[1]);
foreach (['CREATE TABLE q (id INT)', 'INSERT INTO q VALUES (1), (2)', 'UPDATE q SET id = 3', 'SELECT 1'] as $sql) {
  $m->query($sql);
  echo $m->info, "\\n";
}`;

describeWith(['php-mysql'], 'mysqli', () => {
  test('the message of an OK is read whole', async () => {
    const odp = await startOdp(new NodeClock());
    try {
      const { stdout, stderr } = await promisify(execFile)('php', ['-r', PROGRAM, '--', String(odp.address.port)]);
      expect(stderr).toBe('');
      expect(stdout.split('\n')).toEqual([
        '',
        'Records: 2  Duplicates: 0  Warnings: 0',
        'Rows matched: 2  Changed: 2  Warnings: 0',
        '',
        '',
      ]);
    } finally {
      odp.stop();
    }
  });
});
