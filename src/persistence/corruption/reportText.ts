import { formatCount, formatDuration } from '../../protocol/format';
import type { CorruptionReport, DatabaseCheck } from './checkForCorruption';

/** What to do about damage, in the order in which nothing more is lost. */
const steps = [
  'Back up what can still be read, each table by itself where a whole backup fails.',
  'Keep a copy of the volume as it is ("volume export"), before anything tries to mend it.',
  'Indexes alone are made anew by REINDEX; rows come back from the newest good backup.',
  'Look at the log of the host, and test the disk and the memory.',
];

/** A report, line by line, for people. */
export function corruptionLines(name: string, { state, databases, milliseconds }: CorruptionReport): readonly string[] {
  const words = { sound: 'nothing is damaged', damaged: 'there is damage', unknown: 'not everything could be looked at' };
  return [
    `${name}: ${words[state]} (${formatDuration(milliseconds)}).`,
    ...databases.flatMap(databaseLines),
    ...(state === 'damaged' ? ['', 'What to do, in this order:', ...steps.map((step, index) => `  ${index + 1}. ${step}`)] : []),
  ];
}

function databaseLines({ name, by, tables, damage, unread }: DatabaseCheck): readonly string[] {
  const how = by === 'pg_amcheck' ? 'tables and indexes, by pg_amcheck' : `${formatCount(tables)} ${tables === 1 ? 'table' : 'tables'}, by reading every row`;
  return [
    '',
    `${name}: ${how}`,
    ...damage.map(({ relation, message }) => `  ! ${relation}: ${message}`),
    ...unread.map(({ relation, message }) => `  ? ${relation}: ${message}`),
    ...(damage.length + unread.length === 0 ? ['  nothing is wrong'] : []),
    ...(by === 'reading' ? ['  Indexes were not read: for those, install the extension amcheck in this database.'] : []),
  ];
}
