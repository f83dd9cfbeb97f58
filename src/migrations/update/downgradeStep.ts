import type { UpdateStep } from './course';
import type { DowngradeTrial } from './rehearse';
import type { Scripts } from './scripts';

/** What is told of the way back: a step that never ends an update, for a backup is the way back that counts. */
export function downgradeStep({ down }: Scripts, trial: DowngradeTrial | undefined): UpdateStep {
  const step = (state: UpdateStep['state'], message: string): UpdateStep => ({ name: 'downgrade', state, milliseconds: trial?.milliseconds ?? 0, message });
  if (typeof down !== 'string') return step('skipped', down.untried);
  const count = trial?.differences.length ?? 0;
  switch (trial?.state) {
    case undefined:
      return step('skipped', 'Its way back was not tried.');
    case 'works':
      return step('done', 'It works: on the copy the schema is again what it was.');
    case 'not written':
      return step('skipped', 'It is not written: it leaves everything as the migrations made it.');
    case 'differs':
      return step(
        'failed',
        `It does not lead back: ${count} ${count === 1 ? 'object is' : 'objects are'} not what ${count === 1 ? 'it was' : 'they were'}, such as ${trial.differences[0]}.`,
      );
    case 'fails':
      return step('failed', `It does not work: ${trial.failure?.message ?? ''} (${trial.failedAt ?? ''})`);
  }
}
