import type { SnapshotDatabase } from '../../inventory/model';
import { formatBytes } from '../../protocol/format';
import type { CheckoutOffer } from '../../snapshot/checkout';
import type { RollBackPlan, SnapshotPlan } from '../../snapshot/plan';
import type { Question } from './restoreText';
import { ageText, momentText } from './time';
import type { Clock, Translate } from './translate';

/** Beneath the name that the user types: what taking the snapshot does to others. */
export function takePrompt(t: Translate, plan: SnapshotPlan): string {
  const { sessions, superfluous, sizeBytes } = plan;
  const [oldest, ...more] = superfluous;
  return [
    t('Copies {0} inside the server.', formatBytes(sizeBytes)),
    ...(sessions === 0 ? [] : [sessions === 1 ? t('1 session is ended; new ones wait.') : t('{0} sessions are ended; new ones wait.', sessions)]),
    ...(oldest === undefined
      ? []
      : [
          more.length === 0
            ? t('"{0}" is deleted, as the setting wants.', oldest.label)
            : t('The {0} oldest are deleted, as the setting wants.', superfluous.length),
        ]),
  ].join(' ');
}

/** Asks for going back, from the very plan. */
export function rollBackQuestion(t: Translate, plan: RollBackPlan, clock: Clock): Question {
  const { database, snapshot, undo, dependents } = plan;
  const lines = [
    t('"{0}" becomes what it was when the snapshot was taken, {1}.', database, ageText(t, new Date(snapshot.takenAt), clock)),
    ...(undo === undefined ? [] : [t('What it is now is kept until {0}, for "Undo restore".', momentText(t, plan.expiresAt, clock))]),
    ...(dependents.length === 0 ? [] : [t('Stopped for the exchange, and started again: {0}.', dependents.join(', '))]),
    t('The snapshot stays.'),
  ];
  return { message: t('Roll "{0}" back to "{1}"?', database, snapshot.label), detail: lines.map((line) => `• ${line}`).join('\n'), button: t('Roll back') };
}

/** Asks for a deletion: what is lost, and what other snapshots there are. */
export function deleteSnapshotQuestion(t: Translate, snapshot: SnapshotDatabase, others: number, clock: Clock): Question {
  const lines = [
    t('Taken {0}, {1}.', ageText(t, new Date(snapshot.takenAt), clock), formatBytes(snapshot.sizeBytes)),
    others === 0 ? t('It is the only snapshot of "{0}".', snapshot.of) : t('Other snapshots of "{0}": {1}.', snapshot.of, others),
    t('A deleted snapshot cannot be brought back.'),
  ];
  return { message: t('Delete the snapshot "{0}"?', snapshot.label), detail: lines.map((line) => `• ${line}`).join('\n'), button: t('Delete snapshot') };
}

/** What is said after a checkout. */
export function offerText(t: Translate, database: string, { branch, missing, snapshot }: CheckoutOffer): string {
  const ahead = t('"{0}" has the migration {1}, which the branch "{2}" has not.', database, missing.join(', '), branch);
  return snapshot === undefined ? ahead : t('{0} The snapshot "{1}" fits this branch.', ahead, snapshot.label);
}
