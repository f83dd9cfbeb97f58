import path from 'node:path';
import { readProjectFiles } from '../inventory/composeProjects';
import type { InventoryKeeper } from '../inventory/keeper';
import type { Project } from '../inventory/model';
import { databaseTargets, targetName, type DatabaseTarget } from '../inventory/target';
import type { ComposeService } from '../compose/composeModel';
import { withSession } from '../postgres/session';
import { asFailure, type Failure } from '../protocol/failure';
import { connectionsIn, type Connection } from './connections';
import { detectMigrations, tableFor, toolsOf } from './detect';
import type { MigrationStatus, VersionTable } from './model';
import { decideOwners, isWithin, type FolderFacts, type OwnerCandidate } from './owners';
import { isFolder, readTexts, scanFolder, severalAtOnce } from './scan';
import { readFolder, statusOf, tableStatus, type ReadFolder, type ReadTable } from './status';
import { tools } from './tools/all';
import { listVersionTables, readKnexLock, readVersionRows, statementTimeout } from './versionTables';

/** Migrations of a database, with the files that they are in where those were found. */
export interface FoundMigrations {
  readonly status: MigrationStatus;
  readonly source?: Source;
}

/** Files of migrations, with what their configuration says. */
export interface Source extends ReadFolder {
  readonly facts: FolderFacts;
  /** What the configuration files say, in one text. */
  readonly configuration: string;
}

export interface DatabaseMigrations {
  readonly target: DatabaseTarget;
  readonly migrations: readonly FoundMigrations[];
  /** Why the database could not be asked. */
  readonly problem?: Failure;
}

/** Migrations of which nobody can tell whose they are without asking. */
export interface UnclearMigrations {
  readonly source: Source;
  /** `project/service/database` each. */
  readonly choices: readonly string[];
}

export interface Survey {
  readonly databases: readonly DatabaseMigrations[];
  readonly unclear: readonly UnclearMigrations[];
}

export interface SurveyRequest {
  readonly targets: readonly DatabaseTarget[];
  /** Folders to search besides those of the projects. */
  readonly folders: readonly string[];
  /** The databases that the user once named for migrations in a folder. */
  readonly remembered?: (location: string) => readonly string[];
  readonly signal?: AbortSignal;
}

/** More sessions at once than this help nobody. */
const databasesAtOnce = 6;

/** All migrations in folders and databases, each with its status. Runs nothing of the user's. */
export async function surveyMigrations(keeper: InventoryKeeper, request: SurveyRequest): Promise<Survey> {
  const { targets, folders, signal } = request;
  const projects = [...new Set(targets.map(({ project }) => project))];
  const [sources, asked, services] = await Promise.all([
    readSources([...folders, ...projects.flatMap(({ folder }) => folder ?? [])]),
    severalAtOnce(targets, databasesAtOnce, (target) => askDatabase(keeper, target, signal)),
    Promise.all(projects.map(async (project) => [project, await servicesOf(project)] as const)),
  ]);
  const context = { asked, sources, services: new Map(services), keeper };
  const owned = sources.map((source) => ({ source, ...ownersOf(source, context, request) }));
  return {
    databases: asked.map((database) =>
      withStatuses(
        database,
        owned.filter(({ owners }) => owners.includes(targetName(database.target))).map(({ source }) => source),
      ),
    ),
    unclear: owned.flatMap(({ source, unclear }) => (unclear.length === 0 ? [] : [{ source, choices: unclear }])),
  };
}

/** The migrations in folders, read from their files. */
export async function readSources(folders: readonly string[]): Promise<readonly Source[]> {
  const existing = await Promise.all([...new Set(folders)].map(async (folder) => ((await isFolder(folder)) ? [folder] : [])));
  const all = existing.flat();
  const bases = all.filter((folder) => !all.some((other) => other !== folder && isWithin(folder, other)));
  const read = bases.map(async (base) => {
    const workspace = await scanFolder(base);
    const found = await detectMigrations(workspace);
    return Promise.all(
      found.map(async (folder): Promise<Source> => {
        const texts = await readTexts(workspace, folder.config);
        const configuration = [...texts.values()].join('\n');
        const facts = {
          root: path.join(base, folder.root),
          locations: folder.locations.map((location) => path.join(base, location)),
          connections: connectionsIn(configuration),
        };
        return { ...(await readFolder(workspace, base, folder)), facts, configuration };
      }),
    );
  });
  return (await Promise.all(read)).flat();
}

interface Asked {
  readonly target: DatabaseTarget;
  readonly tables: readonly VersionTable[];
  readonly rows: ReadonlyMap<VersionTable, ReadTable>;
  readonly problem?: Failure;
}

async function askDatabase(keeper: InventoryKeeper, target: DatabaseTarget, signal: AbortSignal | undefined): Promise<Asked> {
  try {
    const options = { statementTimeout, ...(signal === undefined ? {} : { signal }) };
    return await withSession(keeper.serverOf(target.service), target.database.name, options, async (session) => {
      const tables = await listVersionTables(session);
      const rows = new Map<VersionTable, ReadTable>();
      for (const table of tables) {
        const possible = toolsOf(table);
        const columns = [...new Set(possible.flatMap((tool) => tools[tool].columns))];
        const own = await readVersionRows(session, table, columns);
        rows.set(table, { table, rows: possible.includes('knex') ? [...own, ...(await readKnexLock(session, tables, table))] : own });
      }
      return { target, tables, rows };
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    return { target, tables: [], rows: new Map(), problem: asFailure(error) };
  }
}

interface Context {
  readonly asked: readonly Asked[];
  readonly sources: readonly Source[];
  readonly services: ReadonlyMap<Project, readonly ComposeService[]>;
  readonly keeper: InventoryKeeper;
}

function ownersOf(source: Source, context: Context, { remembered }: SurveyRequest): ReturnType<typeof decideOwners> {
  const said = remembered?.(source.facts.locations[0] ?? source.facts.root) ?? [];
  const candidates = context.asked
    .map((each) => candidateOf(source, each, context))
    // Numbered SQL files are migrations only where a table says so.
    .filter((candidate) => said.includes(candidate.name) || (isNear(source, candidate) && (candidate.table !== 'none' || source.folder.tool !== 'plain-sql')));
  return decideOwners(source.facts, candidates, said);
}

/** The same revisions may lie in many copies of a project; only a copy's own database, or one that it connects to, is meant. */
function isNear({ facts }: Source, { projectFolder, published }: OwnerCandidate): boolean {
  if (projectFolder !== undefined && (isWithin(facts.root, projectFolder) || isWithin(projectFolder, facts.root))) return true;
  return facts.connections.some(({ port }) => port !== undefined && port === published);
}

function candidateOf(source: Source, asked: Asked, { services, sources, keeper }: Context): OwnerCandidate {
  const { project, service, database } = asked.target;
  const all = services.get(project) ?? [];
  const own = all.find(({ name }) => name === service.name);
  const published = publishedPort(keeper, asked.target);
  const container = service.container === undefined ? [] : [service.container.name];
  const others = all.filter(({ name }) => name !== service.name);
  return {
    name: targetName(asked.target),
    project: project.id,
    ...(project.folder === undefined ? {} : { projectFolder: project.folder }),
    database: database.name,
    isMain: database.name === service.postgres.database,
    ...(published === undefined ? {} : { published }),
    hostNames: [...new Set([service.name, ...(own?.hostNames ?? []), ...container])].map((name) => name.toLowerCase()),
    services: others.map((each) => ({ folders: foldersOfService(project, each), connections: environmentConnections(each) })),
    table: tableSays(source, asked, sources),
  };
}

/** What the version table of a database says of files, and of all other files of the tool. */
function tableSays(source: Source, { tables, rows }: Asked, sources: readonly Source[]): OwnerCandidate['table'] {
  const table = tableFor(source.folder.tool, tables);
  const found = table === undefined ? undefined : rows.get(table);
  if (found === undefined) return 'none';
  const known = appliedIn(source, found);
  if (known.length > 0) return known.every((id) => id.length < distinctive) ? 'numbers' : 'known';
  const isKnownToOthers = sources.some((other) => other.folder.tool === source.folder.tool && appliedIn(other, found).length > 0);
  return isKnownToOthers || source.folder.tool === 'plain-sql' ? 'none' : 'strange';
}

/** Characters from which on a revision is not met by chance in other files. */
const distinctive = 6;

function appliedIn({ folder, files }: Source, { rows }: ReadTable): readonly string[] {
  return tools[folder.tool].compare(files, rows).applied;
}

function publishedPort(keeper: InventoryKeeper, { service }: DatabaseTarget): number | undefined {
  return service.published?.port ?? (service.state === 'running' ? keeper.serverOf(service).published?.port : undefined);
}

/** The folders of the host whose files a service has, by mount or from its build. */
function foldersOfService({ folder = '' }: Project, { build, volumes }: ComposeService): readonly string[] {
  const mounted = volumes.flatMap(({ kind, source }) => (kind === 'bind' && source !== undefined ? [source] : []));
  return [...(build === undefined ? [] : [build.context]), ...mounted].map((each) => path.resolve(folder, each));
}

function environmentConnections({ environment }: ComposeService): readonly Connection[] {
  return connectionsIn(
    Object.entries(environment)
      .map(([name, value]) => `${name}=${value ?? ''}`)
      .join('\n'),
  );
}

async function servicesOf({ configFiles, folder }: Project): Promise<readonly ComposeService[]> {
  if (folder === undefined) return [];
  return (await readProjectFiles(configFiles, folder, process.env))?.file.services ?? [];
}

function withStatuses({ target, tables, rows, problem }: Asked, sources: readonly Source[]): DatabaseMigrations {
  if (problem !== undefined) return { target, migrations: [], problem };
  const known = chosen(sources, tables, rows).map((source): FoundMigrations => {
    const table = tableFor(source.folder.tool, tables);
    const found = table === undefined ? undefined : rows.get(table);
    return { source, status: statusOf(source, found === undefined ? {} : { found }) };
  });
  const used = new Set(known.map(({ status }) => status.table));
  const alone = [...rows.values()].flatMap((read): readonly FoundMigrations[] => {
    const [tool] = toolsOf(read.table);
    if (tool === undefined || used.has(`${read.table.schema}.${read.table.name}`)) return [];
    return read.rows.length === 0 ? [] : [{ status: tableStatus(tool, read) }];
  });
  return { target, migrations: [...known, ...alone] };
}

/** Of several folders that one table might be about, those whose revisions it has; all of them while it has none. */
function chosen(sources: readonly Source[], tables: readonly VersionTable[], rows: ReadonlyMap<VersionTable, ReadTable>): readonly Source[] {
  const tableOf = (source: Source): VersionTable | undefined => tableFor(source.folder.tool, tables);
  const knows = (source: Source): boolean => {
    const table = tableOf(source);
    const found = table === undefined ? undefined : rows.get(table);
    return found !== undefined && appliedIn(source, found).length > 0;
  };
  return sources.filter((source) => {
    const table = tableOf(source);
    const rivals = table === undefined ? [] : sources.filter((other) => tableOf(other) === table);
    return rivals.length < 2 || knows(source) || !rivals.some(knows);
  });
}

/** Every database that can be asked. */
export function reachableTargets(keeper: InventoryKeeper): readonly DatabaseTarget[] {
  return databaseTargets(keeper.current).filter(({ service }) => service.state === 'running');
}
