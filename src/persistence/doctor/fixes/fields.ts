import { addLines, columnOf, entryIn, serviceIn, type ComposeText, type TextEdit } from './edits';
import type { ComposeFix, Fixer, FixKind, Touch } from './fix';

/** The server over TCP: while a cluster is being made, one that is for the entrypoint alone answers at the socket. */
const healthcheck = [
  'healthcheck:',
  `  test: ['CMD-SHELL', 'pg_isready -h 127.0.0.1 -U "$\${POSTGRES_USER:-postgres}" -d "$\${POSTGRES_DB:-$\${POSTGRES_USER:-postgres}}"']`,
  '  interval: 10s',
  '  timeout: 5s',
  '  retries: 5',
  '  start_period: 30s',
];

export const addHealthcheck: Fixer = (file, { service }) => fix('healthcheck', healthcheckEdit(file, service), { service, field: 'healthcheck' });

export const addRestart: Fixer = (file, { service }) => fix('restart', setField(file, service, 'restart', 'unless-stopped'), { service, field: 'restart' });

export const lengthenGrace: Fixer = (file, { service }) =>
  fix('grace', setField(file, service, 'stop_grace_period', '1m'), { service, field: 'stopGracePeriod' });

export const addSharedMemory: Fixer = (file, { service }) => fix('sharedMemory', setField(file, service, 'shm_size', '256mb'), { service, field: 'shmSize' });

/** Undefined where the service has one already, if only to switch it off. */
export function healthcheckEdit(file: ComposeText, service: string): TextEdit | undefined {
  const entry = serviceIn(file, service);
  return entry === undefined || entryIn(entry.value, 'healthcheck') !== undefined ? undefined : addLines(file, entry, healthcheck);
}

/** A fix of one edit. */
export function fix(kind: FixKind, edit: TextEdit | undefined, touch: Touch): ComposeFix | undefined {
  return edit === undefined ? undefined : { kind, edits: [edit], files: [], touches: [touch] };
}

/** Sets a field to a plain value, in place of the one that it has. */
function setField(file: ComposeText, service: string, field: string, value: string): TextEdit | undefined {
  const entry = serviceIn(file, service);
  const present = entryIn(entry?.value, field);
  if (entry === undefined) return undefined;
  if (present === undefined) return addLines(file, entry, [`${field}: ${value}`]);
  const { start, end } = present.value.range;
  return present.value.kind === 'scalar' && columnOf(file.text, start) > columnOf(file.text, present.start) ? { start, end, text: value } : undefined;
}
