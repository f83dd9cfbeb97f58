// Builds what ships (dist/) and, with --tests, what the tests run (out/).
import { build, context, transform } from 'esbuild';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(fileURLToPath(import.meta.url));
const flags = new Set(process.argv.slice(2));
const production = flags.has('--production');

/** Files below `folder` that end in `suffix`, as paths relative to the root. */
function filesIn(folder, suffix) {
  const top = path.join(root, folder);
  if (!existsSync(top)) return [];
  return readdirSync(top, { recursive: true })
    .map((name) => path.join(folder, String(name)))
    .filter((name) => name.endsWith(suffix) && !name.includes(`${path.sep}fixtures${path.sep}`));
}

// dockerode brings gRPC and SSH for features that are not used here (BuildKit sessions, ssh2); without
// them the extension is a tenth of the size.
const leaveOut = {
  name: 'leave-out',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^(@grpc\/grpc-js|@grpc\/proto-loader|protobufjs|ssh2|cpu-features|pg-native)$/ }, ({ path: name }) => ({
      path: name,
      namespace: 'left-out',
    }));
    onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: 'module.exports = {};' }));
  },
};

const common = {
  absWorkingDir: root,
  bundle: true,
  sourcemap: production ? false : 'linked',
  minify: production,
  logLevel: 'warning',
  plugins: [leaveOut],
};
const node = { ...common, platform: 'node', format: 'cjs', target: 'node20' };

// esbuild splits ES modules only, and VS Code loads CommonJS best: so what it split is turned into CommonJS piece by
// piece. What is reached by `import()` only is thereby a bundle of its own, loaded when first used, and nothing is
// bundled twice: editor and command line share their pieces.
const asCommonJs = {
  name: 'as-common-js',
  setup({ onEnd }) {
    onEnd(async ({ outputFiles = [] }) => {
      for (const { path: file, text } of outputFiles) {
        const { code, map } = await transform(text, {
          format: 'cjs',
          platform: 'node',
          target: 'node20',
          supported: { 'dynamic-import': false }, // by require(): the loader of ES modules takes 15 ms to start, for nothing
          minify: production,
          sourcemap: production ? false : 'external',
          sourcefile: file,
        });
        const shebang = file.endsWith(`${path.sep}cli.js`) ? '#!/usr/bin/env node\n' : '';
        mkdirSync(path.dirname(file), { recursive: true });
        writeFileSync(file, `${shebang}${code}${production ? '' : `//# sourceMappingURL=${path.basename(file)}.map\n`}`);
        if (!production) writeFileSync(`${file}.map`, shebang === '' ? map : map.replace('"mappings": "', '"mappings": ";'));
      }
    });
  },
};

// Postgres' parser is WebAssembly, which its loader looks for beside itself.
const withParser = {
  name: 'with-parser',
  setup({ onEnd }) {
    onEnd(() => {
      const file = 'libpg-query.wasm';
      mkdirSync(path.join(root, 'dist', 'parts'), { recursive: true });
      copyFileSync(path.join(root, 'node_modules', 'libpg-query', 'wasm', file), path.join(root, 'dist', 'parts', file));
    });
  },
};
const versionIn = (file) => JSON.parse(readFileSync(path.join(root, file), 'utf8')).version;
const split = {
  ...node,
  define: {
    containerDatabasesVersion: JSON.stringify(versionIn('package.json')),
    containerDatabasesParser: JSON.stringify(versionIn('node_modules/libpg-query/package.json')),
  },
  format: 'esm',
  splitting: true,
  write: false,
  sourcemap: production ? false : 'inline',
  // Its CommonJS form would come as a default export only.
  alias: { 'libpg-query': path.join(root, 'node_modules', 'libpg-query', 'wasm', 'index.js') },
  plugins: [leaveOut, asCommonJs, withParser],
};

const views = existsSync(path.join(root, 'webview-ui'))
  ? readdirSync(path.join(root, 'webview-ui'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(path.join(root, 'webview-ui', entry.name, 'main.ts')))
      .map((entry) => entry.name)
  : [];

const configurations = [
  {
    ...split,
    entryPoints: { extension: 'src/extension.ts', cli: 'src/cli/main.ts' },
    outdir: 'dist',
    chunkNames: 'parts/[name]-[hash]',
    external: ['vscode'],
  },
  {
    ...common,
    entryPoints: Object.fromEntries(views.map((view) => [view, `webview-ui/${view}/main.ts`])),
    outdir: 'dist/webview',
    format: 'esm',
    target: 'es2022',
  },
];
const tests = {
  ...node,
  minify: false,
  sourcemap: 'linked',
  entryPoints: [...['unit', 'integration', 'workbench', 'bench'].flatMap((kind) => filesIn(`test/${kind}`, '.ts')), ...filesIn('test/lab', '.ts')],
  outbase: 'test',
  outdir: 'out',
  packages: 'external',
  external: ['vscode'],
};

const wanted = (flags.has('--tests') ? [...configurations, tests] : configurations).filter(
  ({ entryPoints }) => Object.values(entryPoints).length > 0 && Object.values(entryPoints).every((entry) => existsSync(path.join(root, entry))),
);

if (flags.has('--watch')) {
  const watchers = await Promise.all(wanted.map((options) => context(options)));
  await Promise.all(watchers.map((watcher) => watcher.watch()));
  console.log('watching');
} else {
  rmSync(path.join(root, 'dist'), { recursive: true, force: true });
  await Promise.all(wanted.map((options) => build(options)));
}
