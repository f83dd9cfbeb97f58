import { targetName } from '../../inventory/target';
import { validationView } from '../present/validationText';
import { copyReport } from '../report/copyReport';
import { translate as t } from '../translate';
import type { Command } from './command';
import { targetDatabase } from './targets';

/** Looks whether a database is sound, and shows what was found. */
export const validateDatabase: Command = {
  id: 'containerDatabases.validateDatabase',
  enabled: (subject) => subject === undefined || subject.kind === 'database',
  async run(context, subject) {
    const target = await targetDatabase(context, subject, t('Validate which database?'));
    if (target === undefined) return undefined;
    const name = targetName(target);
    const [{ look }, { validate }, { validationLines }, { migrationsCheck }] = await Promise.all([
      import('../../health/look'),
      import('../../migrations/schema/validate'),
      import('../../migrations/schema/validationText'),
      import('../../migrations/schema/migrationsCheck'),
    ]);
    const { inventory } = await context.app();
    const { databases } = context.migrations.shelf.current ?? { databases: [] };
    const known = databases.find((each) => targetName(each.target) === name)?.migrations.map(({ status }) => status) ?? [];
    const validation = await context.operation(t('Validating {0}', name), ({ signal }) =>
      look(inventory.serverOf(target.service), target.database.name, (session) => validate(session, { deep: true }), { signal, statementTimeout: 0 }),
    );
    const all = { ...validation, checks: [...validation.checks, migrationsCheck(known)] };
    context.reports.show(`validation ${name}`, { view: validationView(t, name, all), act: () => copyReport(validationLines(name, all)) });
    return all.checks.filter(({ state }) => state === 'bad').length;
  },
};
