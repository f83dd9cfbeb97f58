import type { Health, HealthReason } from '../../health/model';
import type { Outcome } from './course';

/** How the health of a service has changed: a step that is not well where something grave is new, and that ends nothing. */
export function compareHealth(before: Health, after: Health): Outcome<undefined> & { readonly isPassing: boolean } {
  const isIn = (reasons: readonly HealthReason[], { code, database }: HealthReason): boolean =>
    reasons.some((each) => each.code === code && each.database === database);
  const added = after.reasons.filter((reason) => reason.severity !== 'info' && !isIn(before.reasons, reason));
  const gone = before.reasons.filter((reason) => reason.severity !== 'info' && !isIn(after.reasons, reason));
  const texts = (reasons: readonly HealthReason[]): string =>
    reasons.map(({ database, short }) => `${short}${database === undefined ? '' : ` (${database})`}`).join('; ');
  const isWorse = after.state === 'down' || after.state === 'unknown' || added.length > 0;
  return {
    state: isWorse ? 'failed' : 'done',
    message: [
      before.state === after.state ? `${after.state}, as before` : `${before.state} → ${after.state}`,
      ...(added.length === 0 ? [] : [`new: ${texts(added)}`]),
      ...(gone.length === 0 ? [] : [`gone: ${texts(gone)}`]),
    ].join('; '),
    isPassing: after.state === 'unknown' || added.some(({ passing }) => passing === true),
  };
}
