import path from 'node:path';
import { Failure } from '../../protocol/failure';
import type { MigrationStatus, ToolId } from '../model';
import type { Distance, MigrationAction } from './action';
import { alembicArgs } from './alembicArgs';

/** A tool's program, and how it is found. */
export type Program =
  /** Of Python: in the project's own environment, or on PATH. */
  | { readonly kind: 'python'; readonly name: string }
  /** A script of the project, run by the interpreter of its environment. */
  | { readonly kind: 'python script'; readonly file: string }
  /** Of a package in `node_modules`. */
  | { readonly kind: 'node'; readonly package: string; readonly name: string }
  | { readonly kind: 'program'; readonly name: string };

interface ToolCommands {
  readonly program: Program | ((config: readonly string[]) => Program);
  /** A file that must lie where the tool is run, if there is one. */
  readonly marker?: string;
  /** The tool's arguments; undefined for what it cannot do. */
  readonly args: (action: MigrationAction, status: MigrationStatus, config: readonly string[]) => readonly string[] | undefined;
}

/** Among the arguments of a tool that takes no environment: the address of the database, without the password, which the tool's driver finds in PGPASSWORD. */
export const databaseAddress = '<database>';

/** A tool's program with its arguments. */
export interface ToolCommand {
  readonly program: Program;
  readonly marker?: string;
  readonly args: readonly string[];
}

/**
 * What a tool is told to do something; undefined when it has no such command.
 * `config` are the files that configure it, below the folder where it is run.
 * Throws `REVISION_INVALID` for a revision that the tool would take for an option: revisions come from files and databases.
 */
export function toolCommand(tool: ToolId, action: MigrationAction, status: MigrationStatus, config: readonly string[] = []): ToolCommand | undefined {
  const named = [...wordsOf(action), ...status.current, ...status.pending, ...status.applied].find((each) => each.startsWith('-'));
  if (named !== undefined)
    throw new Failure('REVISION_INVALID', `"${named}" is no name that can be given to a tool.`, 'A revision must not begin with a hyphen.');
  const commands = known[tool];
  const args = commands?.args(action, status, config);
  if (commands === undefined || args === undefined) return undefined;
  const program = typeof commands.program === 'function' ? commands.program(config) : commands.program;
  return { program, args, ...(commands.marker === undefined ? {} : { marker: commands.marker }) };
}

/** What an action says in words of its own. */
function wordsOf(action: MigrationAction): readonly string[] {
  if ('message' in action) return [action.message];
  if (action.kind === 'stamp') return [action.revision];
  return 'to' in action && action.to.kind === 'revision' ? [action.to.revision] : [];
}

function sequelizeArgs(action: MigrationAction, status: MigrationStatus): readonly string[] | undefined {
  if (action.kind === 'upgrade') {
    const name = pendingAt(action.to, status);
    return action.to.kind === 'all' ? ['db:migrate'] : name === undefined ? undefined : ['db:migrate', '--to', name];
  }
  if (action.kind === 'downgrade') {
    const name = undoneAt(action.to, status);
    return action.to.kind === 'all' ? ['db:migrate:undo:all'] : name === undefined ? undefined : ['db:migrate:undo:all', '--to', name];
  }
  if (action.kind === 'revision') return action.autogenerate ? undefined : ['migration:generate', '--name', action.message.trim().replaceAll(/\s+/g, '-')];
  return action.kind === 'current' || action.kind === 'history' ? ['db:migrate:status'] : undefined;
}

/** The last migration that an upgrade applies. */
function pendingAt(to: Distance, { pending }: MigrationStatus): string | undefined {
  if (to.kind === 'revision') return to.revision;
  return to.kind === 'steps' ? pending[to.steps - 1] : pending.at(-1);
}

/** The first migration that a downgrade undoes; downgrading to a revision keeps that revision. */
function undoneAt(to: Distance, { applied }: MigrationStatus): string | undefined {
  if (to.kind === 'steps') return applied.at(-to.steps);
  return to.kind === 'revision' ? applied[applied.indexOf(to.revision) + 1] : applied[0];
}

/** How many steps a distance is, down or up. */
function stepsOf(action: MigrationAction & { readonly kind: 'upgrade' | 'downgrade' }, { applied, pending }: MigrationStatus): number | undefined {
  const { to, kind } = action;
  if (to.kind === 'steps') return to.steps;
  if (to.kind === 'all') return undefined;
  const steps = kind === 'upgrade' ? pending.indexOf(to.revision) + 1 : applied.length - 1 - applied.indexOf(to.revision);
  return steps > 0 ? steps : undefined;
}

// https://github.com/golang-migrate/migrate/tree/master/cmd/migrate
function golangMigrateArgs(action: MigrationAction, status: MigrationStatus): readonly string[] | undefined {
  if (status.folder === undefined) return undefined;
  const place = ['-path', path.basename(status.folder), '-database', databaseAddress];
  switch (action.kind) {
    case 'upgrade':
    case 'downgrade': {
      if (action.to.kind === 'revision') return [...place, 'goto', action.to.revision];
      const command = action.kind === 'upgrade' ? 'up' : 'down';
      if (action.to.kind === 'steps') return [...place, command, String(action.to.steps)];
      return [...place, command, ...(command === 'down' ? ['-all'] : [])];
    }
    case 'stamp':
      return [...place, 'force', action.revision];
    case 'current':
      return [...place, 'version'];
    default:
      return undefined;
  }
}

function dataSourceIn(config: readonly string[]): string | undefined {
  return config.find((file) => /(?:^|\/)data-source\.[cm]?[jt]s$/.test(file));
}

const known: Readonly<Partial<Record<ToolId, ToolCommands>>> = {
  alembic: { program: { kind: 'python', name: 'alembic' }, args: alembicArgs },
  sequelize: { program: { kind: 'node', package: 'sequelize-cli', name: 'sequelize-cli' }, args: sequelizeArgs },
  django: {
    program: { kind: 'python script', file: 'manage.py' },
    marker: 'manage.py',
    args: (action) => {
      if (action.kind === 'upgrade' && action.to.kind === 'all') return ['migrate', '--noinput'];
      if ((action.kind === 'upgrade' || action.kind === 'downgrade') && action.to.kind === 'revision')
        return ['migrate', '--noinput', ...action.to.revision.split('.', 2)];
      if (action.kind === 'preview' && action.to.kind === 'revision')
        return ['sqlmigrate', ...(action.direction === 'downgrade' ? ['--backwards'] : []), ...action.to.revision.split('.', 2)];
      if (action.kind === 'revision')
        return ['makemigrations', ...(action.autogenerate ? [] : ['--empty']), '--name', action.message.trim().replaceAll(/\W+/g, '_')];
      if (action.kind === 'merge') return ['makemigrations', '--merge', '--noinput'];
      return action.kind === 'current' || action.kind === 'history' ? ['showmigrations'] : undefined;
    },
  },
  rails: {
    program: { kind: 'program', name: 'bin/rails' },
    marker: 'bin/rails',
    args: (action) => {
      if (action.kind === 'upgrade')
        return action.to.kind === 'all' ? ['db:migrate'] : action.to.kind === 'revision' ? ['db:migrate', `VERSION=${action.to.revision}`] : undefined;
      if (action.kind === 'downgrade')
        return action.to.kind === 'steps'
          ? ['db:rollback', `STEP=${action.to.steps}`]
          : ['db:migrate', `VERSION=${action.to.kind === 'all' ? '0' : action.to.revision}`];
      if (action.kind === 'revision') return action.autogenerate ? undefined : ['generate', 'migration', action.message.trim().replaceAll(/\W+/g, '_')];
      return action.kind === 'current' || action.kind === 'history' ? ['db:migrate:status'] : undefined;
    },
  },
  prisma: {
    program: { kind: 'node', package: 'prisma', name: 'prisma' },
    args: (action) => {
      if (action.kind === 'upgrade') return action.to.kind === 'all' ? ['migrate', 'deploy'] : undefined;
      if (action.kind === 'stamp') return ['migrate', 'resolve', '--applied', action.revision];
      return action.kind === 'current' || action.kind === 'history' ? ['migrate', 'status'] : undefined;
    },
  },
  knex: {
    program: { kind: 'node', package: 'knex', name: 'knex' },
    args: (action) => {
      if (action.kind === 'upgrade')
        return action.to.kind === 'all' ? ['migrate:latest'] : action.to.kind === 'steps' && action.to.steps === 1 ? ['migrate:up'] : undefined;
      if (action.kind === 'downgrade')
        return action.to.kind === 'all' ? ['migrate:rollback', '--all'] : action.to.kind === 'steps' && action.to.steps === 1 ? ['migrate:down'] : undefined;
      if (action.kind === 'revision') return action.autogenerate ? undefined : ['migrate:make', action.message.trim().replaceAll(/\W+/g, '_')];
      return action.kind === 'current' || action.kind === 'history' ? ['migrate:list'] : undefined;
    },
  },
  'node-pg-migrate': {
    program: { kind: 'node', package: 'node-pg-migrate', name: 'node-pg-migrate' },
    args: (action, status) => {
      if (action.kind === 'upgrade' || action.kind === 'downgrade') {
        const steps = action.to.kind === 'all' && action.kind === 'downgrade' ? status.applied.length : stepsOf(action, status);
        return [action.kind === 'upgrade' ? 'up' : 'down', ...(steps === undefined ? [] : [String(steps)])];
      }
      return action.kind === 'revision' && !action.autogenerate ? ['create', action.message.trim().replaceAll(/\s+/g, '-')] : undefined;
    },
  },
  // Its command line has to be told where the connection is made.
  typeorm: {
    program: (config) => ({ kind: 'node', package: 'typeorm', name: /\.[cm]?ts$/.test(dataSourceIn(config) ?? '') ? 'typeorm-ts-node-commonjs' : 'typeorm' }),
    args: (action, _status, config) => {
      const source = dataSourceIn(config);
      if (source === undefined) return undefined;
      const place = ['--dataSource', source];
      if (action.kind === 'upgrade') return action.to.kind === 'all' ? ['migration:run', ...place] : undefined;
      if (action.kind === 'downgrade') return action.to.kind === 'steps' && action.to.steps === 1 ? ['migration:revert', ...place] : undefined;
      return action.kind === 'current' || action.kind === 'history' ? ['migration:show', ...place] : undefined;
    },
  },
  drizzle: {
    program: { kind: 'node', package: 'drizzle-kit', name: 'drizzle-kit' },
    args: (action) => {
      if (action.kind === 'upgrade') return action.to.kind === 'all' ? ['migrate'] : undefined;
      return action.kind === 'revision'
        ? ['generate', ...(action.autogenerate ? [] : ['--custom']), '--name', action.message.trim().replaceAll(/\W+/g, '_')]
        : undefined;
    },
  },
  dbmate: {
    program: { kind: 'program', name: 'dbmate' },
    args: (action) => {
      if (action.kind === 'upgrade') return action.to.kind === 'all' ? ['--no-dump-schema', 'migrate'] : undefined;
      if (action.kind === 'downgrade') return action.to.kind === 'steps' && action.to.steps === 1 ? ['--no-dump-schema', 'rollback'] : undefined;
      if (action.kind === 'revision') return action.autogenerate ? undefined : ['new', action.message.trim().replaceAll(/\W+/g, '_')];
      return action.kind === 'current' || action.kind === 'history' ? ['status'] : undefined;
    },
  },
  goose: {
    program: { kind: 'program', name: 'goose' },
    args: (action, { folder }) => {
      const dir = folder === undefined ? [] : ['-dir', path.basename(folder)];
      if (action.kind === 'upgrade') {
        if (action.to.kind === 'revision') return [...dir, 'up-to', action.to.revision];
        return action.to.kind === 'all' ? [...dir, 'up'] : action.to.steps === 1 ? [...dir, 'up-by-one'] : undefined;
      }
      if (action.kind === 'downgrade') {
        if (action.to.kind === 'revision') return [...dir, 'down-to', action.to.revision];
        return action.to.kind === 'all' ? [...dir, 'reset'] : action.to.steps === 1 ? [...dir, 'down'] : undefined;
      }
      return action.kind === 'current' || action.kind === 'history' ? [...dir, 'status'] : undefined;
    },
  },
  'golang-migrate': { program: { kind: 'program', name: 'migrate' }, args: golangMigrateArgs },
  // https://supabase.com/docs/reference/cli/supabase-migration
  supabase: {
    program: { kind: 'node', package: 'supabase', name: 'supabase' },
    args: (action) => {
      const place = ['--db-url', databaseAddress];
      if (action.kind === 'upgrade') return action.to.kind === 'all' ? ['migration', 'up', ...place] : undefined;
      if (action.kind === 'stamp') return ['migration', 'repair', action.revision, '--status', 'applied', ...place];
      if (action.kind === 'revision') return action.autogenerate ? undefined : ['migration', 'new', action.message.trim().replaceAll(/\W+/g, '_')];
      return action.kind === 'current' || action.kind === 'history' ? ['migration', 'list', ...place] : undefined;
    },
  },
  flyway: {
    program: { kind: 'program', name: 'flyway' },
    args: (action) => {
      if (action.kind === 'upgrade')
        return action.to.kind === 'all' ? ['migrate'] : action.to.kind === 'revision' ? [`-target=${action.to.revision}`, 'migrate'] : undefined;
      return action.kind === 'current' || action.kind === 'history' ? ['info'] : undefined;
    },
  },
  ecto: {
    program: { kind: 'program', name: 'mix' },
    marker: 'mix.exs',
    args: (action) => {
      if (action.kind === 'upgrade' || action.kind === 'downgrade') {
        const command = action.kind === 'upgrade' ? 'ecto.migrate' : 'ecto.rollback';
        if (action.to.kind === 'steps') return [command, '--step', String(action.to.steps)];
        if (action.to.kind === 'revision')
          return action.kind === 'upgrade' ? [command, '--to', action.to.revision] : [command, '--to-exclusive', action.to.revision];
        return [command, ...(action.kind === 'downgrade' ? ['--all'] : [])];
      }
      if (action.kind === 'revision') return action.autogenerate ? undefined : ['ecto.gen.migration', action.message.trim().replaceAll(/\W+/g, '_')];
      return action.kind === 'current' || action.kind === 'history' ? ['ecto.migrations'] : undefined;
    },
  },
  'ef-core': {
    program: { kind: 'program', name: 'dotnet' },
    args: (action) => {
      if (action.kind === 'upgrade' || action.kind === 'downgrade') {
        if (action.to.kind === 'revision') return ['ef', 'database', 'update', action.to.revision];
        return action.to.kind === 'steps' ? undefined : ['ef', 'database', 'update', ...(action.kind === 'downgrade' ? ['0'] : [])];
      }
      if (action.kind === 'revision') return action.autogenerate ? ['ef', 'migrations', 'add', action.message.trim().replaceAll(/\W+/g, '')] : undefined;
      return action.kind === 'current' || action.kind === 'history' ? ['ef', 'migrations', 'list'] : undefined;
    },
  },
};
