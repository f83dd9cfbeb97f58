import { window } from 'vscode';
import { Failure } from '../../protocol/failure';
import { pickOne } from '../picks';
import { translate as t } from '../translate';
import type { Command } from './command';
import { targetDatabase } from './targets';

export const runInitAgain: Command = {
  id: 'containerDatabases.runInitAgain',
  enabled: (subject) => subject === undefined || subject.kind === 'database' || subject.kind === 'migrations',
  async run(context, subject) {
    const place = subject?.kind === 'migrations' ? ({ ...subject, kind: 'database' } as const) : subject;
    const target = await targetDatabase(context, place, t('Prepare which database again?'));
    if (target === undefined) return undefined;
    const { migrations } = await context.app();
    const services = await migrations.initServices(target);
    if (services.length === 0)
      throw new Failure(
        'INIT_MISSING',
        t('{0} has no service that runs once to prepare its database.', target.project.name),
        t('Migrations are run from their own row.'),
      );
    const init = await pickOne(
      services.map((value) => ({ label: value.service, value })),
      t('Run which service again?'),
    );
    if (init === undefined) return undefined;
    const buttons = [t('Back up and run'), t('Run without backup')] as const;
    const detail = t('It does to "{0}" whatever it does when the project starts: migrations and first data as a rule.', target.database.name);
    const pressed = await window.showWarningMessage(t('Run {0} again?', init.service), { modal: true, detail }, ...buttons);
    if (pressed === undefined) return undefined;
    const backup = pressed === buttons[0];
    const key = backup ? await context.encryption.forNew(target.project.name, 'safety') : undefined;
    try {
      const output = await context.operation(t('Running {0}', init.service), (operation) =>
        migrations.runInit(target, init, { backup, key: key ?? 'none' }, operation),
      );
      context.migrations.channel.append(output);
      void window.showInformationMessage(t('{0} has ended well.', init.service));
      return output;
    } finally {
      await Promise.all([context.watch.refresh(), context.migrations.shelf.refresh(), context.shelf.refresh()]);
    }
  },
};
