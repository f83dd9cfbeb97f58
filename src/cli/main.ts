import { runCommandLine } from './program';

void (async () => {
  process.exitCode = await runCommandLine(process.argv);
})();
