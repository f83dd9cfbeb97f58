import type { FoundMigrations } from '../../migrations/survey';
import { tools } from '../../migrations/tools/all';
import type { OverviewSection, Tone } from '../../protocol/overview';
import { isSettled, migrationStatusText } from './migrationText';
import { link, section } from './overviewParts';
import type { Translate } from './translate';

/** Where a database stands in its migrations, a row for each tool and folder; undefined where it has none. */
export function migrationsSection(t: Translate, all: readonly FoundMigrations[]): OverviewSection | undefined {
  if (all.length === 0) return undefined;
  const rows = all.map(({ status }) => [
    tools[status.tool].label,
    migrationStatusText(t, status),
    String(status.applied.length),
    String(status.pending.length),
  ]);
  const needy = all.find(({ status }) => !isSettled(status));
  return section('migrations', t('Migrations'), {
    ...(needy === undefined ? {} : { verdict: { tone: toneOf(needy), word: migrationStatusText(t, needy.status), sentence: problemsOf(needy) } }),
    table: {
      columns: [{ title: t('Tool') }, { title: t('State') }, { title: t('Applied'), numeric: true }, { title: t('Pending'), numeric: true }],
      rows,
    },
    links: [link('containerDatabases.showMigrations', t('History'))],
  });
}

function toneOf({ status }: FoundMigrations): Tone {
  return status.dirty.length > 0 ? 'bad' : 'warning';
}

function problemsOf({ status }: FoundMigrations): string {
  return status.problems.map(({ message, remedy }) => `${message} ${remedy}`).join(' ');
}
