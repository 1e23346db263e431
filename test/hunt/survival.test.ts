/** What an event of a real socket throws ends nothing, and is not taken for an answer. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('a throw that nobody can catch is survived, and told from an answer', () => {
  const survival = JSON.stringify(join(import.meta.dirname, '../../proxy/cli/survival.ts'));
  // In a process of its own: here vitest would hear of it.
  const code = `
    import { Survival } from ${survival};
    const survival = new Survival();
    console.log(await survival.of(async () => 'well'), survival.hasThrown);
    const throws = () => new Promise(() => setTimeout(() => { throw new Error('oh'); }, 1));
    console.log(await survival.of(throws), survival.hasThrown);
  `;
  const args = ['--import', 'tsx', '--input-type=module', '--eval', code];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stdout).toBe('well false\nnull true\n');
  expect(status).toBe(0);
});
