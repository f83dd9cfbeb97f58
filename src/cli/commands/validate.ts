import { look } from '../../health/look';
import { findDatabase, targetName } from '../../inventory/target';
import { migrationsCheck } from '../../migrations/schema/migrationsCheck';
import { validate } from '../../migrations/schema/validate';
import { validationLines } from '../../migrations/schema/validationText';
import type { CliCommand } from '../command';

/** Whether a database is sound. */
export const validateCommand: CliCommand = {
  name: 'validate',
  summary: 'look whether a database is sound: definitions, constraints, indexes, sequences, extensions, migrations; ends with 1 when it is not',
  argument: ['<target>', 'project/service/database, or any shorter form that fits only one'],
  options: [['--deep', 'read every table: count its rows, and look for references to rows that are not there']],
  run: async ({ app, argument, options, signal }) => {
    const target = findDatabase(app.inventory.current, argument);
    const deep = options['deep'] === true;
    const wishes = deep ? { signal, statementTimeout: 0 } : { signal };
    const validation = await look(app.inventory.serverOf(target.service), target.database.name, (session) => validate(session, { deep }), wishes);
    const survey = await app.migrations.survey({ folders: [process.cwd()], signal });
    const own = survey.databases.find((each) => targetName(each.target) === targetName(target));
    const migrations = migrationsCheck((own?.migrations ?? []).map(({ status }) => status));
    const all = { ...validation, checks: [...validation.checks, migrations] };
    const state = all.checks.some((check) => check.state === 'bad') ? 'bad' : all.checks.some((check) => check.state === 'unknown') ? 'unknown' : 'good';
    return { value: { target: targetName(target), state, ...all }, lines: validationLines(targetName(target), all), incomplete: state !== 'good' };
  },
};
