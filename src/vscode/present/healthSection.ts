import type { Health, HealthReason, HealthState, Severity } from '../../health/model';
import type { OverviewFact, OverviewSection, Tone } from '../../protocol/overview';
import { healthCommand } from './healthText';
import { link, section } from './overviewParts';
import type { Translate } from './translate';

const tones: Readonly<Record<Severity, Tone | undefined>> = { error: 'bad', warning: 'warning', info: undefined };

/** How a database is, with all that was found of it and of its server, and ways to what helps. */
export function healthSection(t: Translate, { state, reasons }: Health, database: string): OverviewSection {
  const own = reasons.filter((reason) => reason.database === undefined || reason.database === database);
  const helping = own.map(({ action }) => healthCommand(t, action)).filter((command) => command !== undefined);
  return section('health', t('Health'), {
    verdict: verdictOf(t, state, own),
    facts: own.map(factOf),
    links: [...new Map(helping.map(({ id, label }) => [id, link(id, label)])).values()],
  });
}

function verdictOf(t: Translate, state: HealthState, own: readonly HealthReason[]): NonNullable<OverviewSection['verdict']> {
  if (state === 'down') return { tone: 'bad', word: t('Down.') };
  if (state === 'unknown') return { tone: 'warning', word: t('Not known yet.') };
  const [gravest] = own.filter(({ severity }) => severity !== 'info');
  if (gravest === undefined) return { tone: 'good', word: t('Healthy.') };
  return { tone: tones[gravest.severity] ?? 'warning', word: t('Needs attention.') };
}

function factOf({ short, message, remedy, severity }: HealthReason): OverviewFact {
  const tone = tones[severity];
  return { name: short, value: `${message} ${remedy}`, ...(tone === undefined ? {} : { tone }) };
}
