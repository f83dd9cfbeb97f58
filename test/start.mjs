// npm start: all the set-up that is missing, then VS Code with the extension, open on a project with a database.
// npm start -- --once: the same without staying: backs the demo database up through the context menu, and ends.
import { buildAll, ensureNodeModules, runOrExit } from './bootstrap.mjs';

await ensureNodeModules();
buildAll();
runOrExit(process.execPath, ['out/lab/start.js', ...process.argv.slice(2)]);
