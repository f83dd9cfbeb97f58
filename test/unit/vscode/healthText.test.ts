import assert from 'node:assert/strict';
import type { Health, HealthReason } from '../../../src/health/model';
import { healthSection } from '../../../src/vscode/present/healthSection';
import { foundChoices } from '../../../src/vscode/present/healthText';
import { english, inventory, project, service } from './facts';

const reason = (parts: Partial<HealthReason>): HealthReason => ({
  code: 'X',
  severity: 'warning',
  short: 'short',
  message: 'It is so.',
  remedy: 'Do.',
  ...parts,
});
const degraded = (...reasons: readonly HealthReason[]): Health => ({ state: 'degraded', reasons });

describe('foundChoices', () => {
  const choices = (health: Health, services = [service()]): readonly (readonly unknown[])[] =>
    foundChoices(english, inventory([project({ services })]), new Map([[service().id, health]])).map(({ label, description, command, subject }) => [
      label,
      description,
      command,
      subject.kind,
    ]);

  it('puts the gravest first, each with what helps and what it is about', () => {
    const health = degraded(
      reason({ short: 'old', database: 'reims', action: 'back up' }),
      reason({ short: 'many', action: 'show activity' }),
      reason({ short: 'full', severity: 'error' }),
      reason({ short: 'no matter', severity: 'info' }),
      reason({ short: 'order', database: 'reims', action: 'check corruption' }),
    );
    assert.deepEqual(choices(health), [
      ['full', 'reims/postgres', undefined, 'service'],
      ['old', 'reims/postgres/reims · Back up now', 'containerDatabases.backUp', 'database'],
      ['many', 'reims/postgres · Show activity', 'containerDatabases.showActivity', 'service'],
      ['order', 'reims/postgres/reims · Check for corruption', 'containerDatabases.checkCorruption', 'service'],
    ]);
  });

  it('knows what is missing, and leaves out services that are gone', () => {
    const health = degraded(reason({ short: '"reims" is missing', database: 'reims', action: 'restore' }));
    assert.deepEqual(choices(health, [service({ databases: [] })]), [
      ['"reims" is missing', 'reims/postgres/reims · Restore…', 'containerDatabases.restore', 'missing database'],
    ]);
    assert.deepEqual(choices(health, []), []);
  });
});

describe('healthSection', () => {
  const section = (health: Health): readonly unknown[] => {
    const { verdict, facts = [], links } = healthSection(english, health, 'reims');
    return [verdict?.tone, verdict?.word, facts.map(({ name, tone }) => [name, tone]), links.map(({ label }) => label)];
  };

  it('judges a database by its own and its server, not by another one beside it', () => {
    const other = reason({ database: 'other', severity: 'error' });
    assert.deepEqual(section(degraded(other)), ['good', 'Healthy.', [], []]);
    const dead = reason({ short: 'dead rows', database: 'reims', action: 'vacuum' });
    const index = reason({ short: 'invalid', database: 'reims', action: 'show statistics' });
    const info = reason({ short: 'no backup', severity: 'info', database: 'reims' });
    assert.deepEqual(section(degraded(other, dead, index, info)), [
      'warning',
      'Needs attention.',
      [['dead rows', 'warning'], ['invalid', 'warning'], ['no backup', undefined]],
      ['Show tables'],
    ]); // prettier-ignore
    assert.deepEqual(section(degraded(reason({ short: 'disk', severity: 'error' }))).slice(0, 2), ['bad', 'Needs attention.']);
  });

  it('says what is down, and what cannot be told', () => {
    assert.deepEqual(section({ state: 'down', reasons: [] }).slice(0, 2), ['bad', 'Down.']);
    assert.deepEqual(section({ state: 'unknown', reasons: [] }).slice(0, 2), ['warning', 'Not known yet.']);
  });
});
