import { ViewColumn } from 'vscode';
import { translate as t } from '../translate';
import type { Command } from './command';
import { targetService } from './targets';

/** Reads all data of a server, by pg_amcheck where it is, and shows what is damaged and what to do about it. */
export const checkCorruption: Command = {
  id: 'containerDatabases.checkCorruption',
  enabled: (subject) => subject === undefined || subject.kind === 'service' || subject.kind === 'volume',
  async run(context, subject) {
    const place = await targetService(context, subject, ({ state }) => state === 'running', t('Check which service for corruption?'));
    if (place === undefined) return undefined;
    const name = `${place.project.name}/${place.service.name}`;
    const [{ checkForCorruption }, { corruptionLines }, { inventory }] = await Promise.all([
      import('../../persistence/corruption/checkForCorruption'),
      import('../../persistence/corruption/reportText'),
      context.app(),
    ]);
    const report = await context.operation(t('Checking {0} for corruption', name), (operation) =>
      checkForCorruption(inventory.serverOf(place.service), operation),
    );
    await context.sqlResults.show(t('Corruption check of {0}', place.service.name), `${corruptionLines(name, report).join('\n')}\n`, ViewColumn.Active);
    return report.state;
  },
};
