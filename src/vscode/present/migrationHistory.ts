import { layoutGraph, laneCount, type PlacedRevision } from '../../migrations/layout';
import type { MigrationStatus, Revision } from '../../migrations/model';
import { tools } from '../../migrations/tools/all';
import type { GraphRow, MigrationHistory, MigrationLabels, RevisionRisk, RevisionState } from '../../protocol/migrationGraph';
import { isSettled, migrationStatusText } from './migrationText';
import type { Translate } from './translate';
import { isAtLeast, severities, type Severity } from '../../lint/severity';
import { joinParts } from './words';

/** What a revision may do to the data; undefined where nothing is known of it. */
type RiskOf = (revision: Revision) => RevisionRisk | undefined;

/** A badge for what a migration is warned of; none for what is harmless. */
export function riskText(t: Translate, found: readonly Severity[]): RevisionRisk | undefined {
  const worst = severities.findLast((severity) => found.includes(severity));
  if (worst === undefined || !isAtLeast(worst, 'medium')) return undefined;
  const count = found.filter((severity) => isAtLeast(severity, 'medium')).length;
  const sentence = count === 1 ? t('One warning about what it does to the data.') : t('{0} warnings about what it does to the data.', count);
  return isAtLeast(worst, 'high') ? { level: 'high', word: t('grave'), sentence } : { level: 'medium', word: t('careful'), sentence };
}

/** The history of migrations as its view shows it. */
export function migrationHistory(t: Translate, place: string, status: MigrationStatus, riskOf: RiskOf): MigrationHistory {
  const placed = layoutGraph(status.revisions);
  const states = statesOf(status);
  const heads = new Set(status.heads);
  const unknown = status.unknown.map((id): GraphRow => ({
    id,
    name: t('no file for it'),
    date: '',
    file: '',
    parents: [],
    labels: [],
    state: 'unknown',
    isHead: false,
    lane: 0,
    lines: [],
  }));
  return {
    heading: place,
    subheading: joinParts(tools[status.tool].label, status.table, status.folder),
    status: { isGood: isSettled(status), text: migrationStatusText(t, status) },
    problems: status.problems,
    rows: [...unknown, ...placed.map((each) => rowOf(each, states, heads, riskOf))],
    lanes: laneCount(placed),
    actions: status.folder === undefined ? [] : ['upgradeAll', 'newRevision', ...(status.heads.length > 1 ? (['mergeHeads'] as const) : [])],
    labels: labelsOf(t),
  };
}

function statesOf({ applied, current, dirty }: MigrationStatus): (id: string) => RevisionState {
  const [done, now, failed] = [new Set(applied), new Set(current), new Set(dirty)];
  return (id) => (failed.has(id) ? 'failed' : now.has(id) ? 'current' : done.has(id) ? 'applied' : 'pending');
}

function rowOf({ revision, lane, lines }: PlacedRevision, stateOf: (id: string) => RevisionState, heads: ReadonlySet<string>, riskOf: RiskOf): GraphRow {
  const { id, name, date = '', file, parents, labels } = revision;
  const risk = riskOf(revision);
  return { id, name, date, file, parents, labels, state: stateOf(id), isHead: heads.has(id), lane, lines, ...(risk === undefined ? {} : { risk }) };
}

function labelsOf(t: Translate): MigrationLabels {
  return {
    actions: {
      open: t('Open file'),
      upgrade: t('Upgrade to here…'),
      downgrade: t('Downgrade to here…'),
      preview: t('Show SQL'),
      upgradeAll: t('Upgrade…'),
      newRevision: t('New revision…'),
      mergeHeads: t('Merge heads…'),
    },
    states: { current: t('current'), applied: t('applied'), pending: t('pending'), unknown: t('unknown'), failed: t('failed half way') },
    filter: t('Filter revisions'),
    revisions: t('Revisions, newest first'),
    head: t('head'),
    shown: t('{0} of {1}', '{0}', '{1}'),
    nothingFits: t('No revision fits.'),
    follows: t('follows {0}', '{0}'),
    merges: t('merges {0}', '{0}'),
    choose: t('Choose a revision to see what can be done with it.'),
  };
}
