/**
 * The command line: `odplab serve | run | sql | fleet | hunt | replay`. Loads only what the command needs.
 */
import { version } from './cli/version.ts';

const HELP = `odplab – an ODP-compatible MySQL proxy with a simulated OceanBase cluster behind it

Usage: odplab COMMAND [OPTIONS]

  serve   the proxy on 127.0.0.1:2883, before a simulated cluster or before real observers
  run     run scenario files (default: the folder scenarios), in the simulator or against a server of yours
  sql     a client at your keyboard, as obclient would behave
  fleet   made-up clients that live and are killed on simulated time, and an audit when they are gone

  hunt    random runs with kills and faults, judged by invariants; what is found is made small and written out
  replay  one run of a hunt again, from its string

  odplab COMMAND --help explains a command. In a checkout: npm start, npm run scenarios, npm run sql,
  npm run fleet, npm run hunt, npm run replay.

Exit codes: 0 good, 1 failed, 2 wrong usage or a broken file, 3 a target that cannot be reached, 130 interrupted
`;

async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  switch (command) {
    case 'serve':
      return (await import('./cli/serve.ts')).serve(rest);
    case 'run':
      return (await import('./cli/run.ts')).run(rest);
    case 'sql':
      return (await import('./cli/sql.ts')).sql(rest);
    case 'fleet':
      return (await import('./cli/fleet.ts')).fleet(rest);
    case 'hunt':
      return (await import('./cli/hunt.ts')).hunt(rest);
    case 'replay':
      return (await import('./cli/hunt.ts')).replay(rest);
    case undefined:
    case 'help':
    case '-h':
    case '--help':
      process.stdout.write(HELP);
      return command === undefined ? 2 : 0;
    case '-V':
    case '--version':
      process.stdout.write(`odplab ${version()}\n`);
      return 0;
    default:
      process.stderr.write(
        `odplab: there is no command '${command}'; there are serve, run, sql, fleet, hunt and replay (odplab --help)\n`,
      );
      return 2;
  }
}

process.exitCode = await main(process.argv.slice(2));
