import { env } from 'vscode';
import path from 'node:path';
import type { Subject } from '../present/subject';
import { translate as t } from '../translate';
import type { Command } from './command';
import { targetDatabase } from './targets';

export const copyName: Command = {
  id: 'containerDatabases.copyName',
  enabled: () => true,
  async run(context, subject) {
    const name = subject === undefined ? (await targetDatabase(context, subject, t('Copy the name of which database?')))?.database.name : nameOf(subject);
    if (name !== undefined) await env.clipboard.writeText(name);
    return name;
  },
};

function nameOf(subject: Subject): string {
  switch (subject.kind) {
    case 'project':
    case 'backups':
      return subject.project.name;
    case 'service':
      return subject.service.name;
    case 'database':
    case 'migrations':
    case 'unclear migrations':
    case 'tables':
      return subject.database.name;
    case 'table':
      return subject.table.name;
    case 'missing database':
    case 'snapshots':
      return subject.databaseName;
    case 'undo':
      return subject.undo.name;
    case 'snapshot':
      return subject.snapshot.label;
    case 'volume':
      return subject.service.volume?.name ?? subject.service.volume?.source ?? '';
    case 'backup':
      return path.basename(subject.backup.file);
    case 'schedule':
      return subject.schedule.database;
    case 'migration':
      return subject.revision.id;
    case 'endpoint':
      return subject.endpoint.id;
  }
}
