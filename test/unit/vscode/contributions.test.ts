import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import {
  backupsContextKey,
  backupsView,
  commandIds,
  databasesView,
  filteredContextKey,
  settingKeys,
  stateContextKey,
  taskType,
} from '../../../src/vscode/contributions';
import { repositoryRoot } from '../../lab/paths';

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
    readonly viewsWelcome: readonly { readonly view: string; readonly when: string }[];
    readonly menus: Readonly<Record<string, readonly { readonly command: string; readonly when?: string }[]>>;
    readonly configuration: { readonly properties: Readonly<Record<string, unknown>> };
    readonly taskDefinitions: readonly { readonly type: string }[];
  };
  readonly capabilities: { readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] } };
}

function read(file: string): string {
  return readFileSync(path.join(repositoryRoot, file), 'utf8');
}

const manifestText = read('package.json');
const { contributes, capabilities } = JSON.parse(manifestText) as Manifest;

describe('package.json', () => {
  it('contributes the commands that the code has, and no others', () => {
    assert.deepEqual(contributes.commands.map(({ command }) => command).toSorted(), [...commandIds].toSorted());
  });

  it('contributes the settings that the code reads, and no others', () => {
    assert.deepEqual(Object.keys(contributes.configuration.properties).toSorted(), [...settingKeys].toSorted());
    for (const key of capabilities.untrustedWorkspaces.restrictedConfigurations) assert.ok(Object.hasOwn(contributes.configuration.properties, key), key);
  });

  it('contributes the views and the task type of the code', () => {
    assert.deepEqual(
      Object.values(contributes.views).flatMap((views) => views.map(({ id }) => id)),
      [databasesView, backupsView],
    );
    assert.deepEqual(
      contributes.taskDefinitions.map(({ type }) => type),
      [taskType],
    );
  });

  it('speaks in menus and texts of commands and views that there are', () => {
    const known = new Set<string>(commandIds);
    for (const items of Object.values(contributes.menus)) {
      for (const { command, when } of items) {
        assert.ok(known.has(command), command);
        assert.ok(when === undefined || isOfOurViews(when), when);
      }
    }
    for (const { view, when } of contributes.viewsWelcome) {
      assert.ok(when.startsWith(view === backupsView ? `${backupsContextKey} ==` : `${stateContextKey} ==`), when);
      assert.ok([databasesView, backupsView].includes(view), view);
    }
    known.add(`${databasesView}.focus`); // made by the editor for each view
    for (const [, command] of read('package.nls.json').matchAll(/command:(containerDatabases\.[\w.]+)/g)) assert.ok(known.has(command ?? ''), command);
  });

  it('has words for every placeholder, and no others', () => {
    const used = [...manifestText.matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key);
    assert.deepEqual(
      [...new Set(used)].filter((key) => key !== undefined).toSorted((a, b) => (a < b ? -1 : 1)),
      Object.keys(JSON.parse(read('package.nls.json')) as object).toSorted((a, b) => (a < b ? -1 : 1)),
    );
  });
});

describe('l10n/bundle.l10n.json', () => {
  it('has every message of the code, and no others', () => {
    const folder = path.join(repositoryRoot, 'src/vscode');
    const files = readdirSync(folder, { recursive: true }).map(String);
    const texts = files.filter((file) => file.endsWith('.ts')).map((file) => readFileSync(path.join(folder, file), 'utf8'));
    const messages = texts.flatMap((text) =>
      [...text.matchAll(/\bt\(\s*(?:t,\s*)?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")/g)].map(([, literal]) => unquote(literal ?? '')),
    );
    const bundle = JSON.parse(read('l10n/bundle.l10n.json')) as Readonly<Record<string, string>>;
    assert.deepEqual(Object.keys(bundle).toSorted(), [...new Set(messages)].toSorted());
    for (const [message, text] of Object.entries(bundle)) assert.equal(text, message);
  });
});

/** Whether a condition names views and states that there are. */
function isOfOurViews(when: string): boolean {
  const both = 'view =~ /^containerDatabases\\.(databases|backups)$/';
  const rest = when.replace(both, '').replace(`view == ${databasesView}`, '').replace(`view == ${backupsView}`, '');
  const keys = [...rest.matchAll(/containerDatabases\.\w+/g)].map(([key]) => key);
  return !/\bview\b/.test(rest) && keys.every((key) => [stateContextKey, filteredContextKey].includes(key));
}

function unquote(literal: string): string {
  return literal.slice(1, -1).replace(/\\(.)/g, '$1');
}
