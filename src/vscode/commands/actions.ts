import type { CommandId } from '../contributions';
import type { Subject } from '../present/subject';
import type { Translate } from '../present/translate';
import { backUp } from './backUp';
import { backUpWithOptions } from './backUpWithOptions';
import type { Command } from './command';
import { copyConnectionString } from './copyConnectionString';
import { openPsql } from './openPsql';
import { restart } from './restart';
import { restore } from './restore';
import { showLogs } from './showLogs';
import { scheduleBackups } from './schedule';
import { rollBack, takeSnapshot } from './snapshots';
import { start } from './start';
import { stop } from './stop';
import { undoRestore } from './undoRestore';

/** A command as a choice. */
export interface Action {
  readonly id: CommandId;
  readonly label: string;
  readonly icon: string;
  readonly enabled: (subject: Subject) => boolean;
}

/** What can be done with a database. */
export function databaseActions(t: Translate): readonly Action[] {
  return [
    action(backUp, t('Back up database'), 'save'),
    action(backUpWithOptions, t('Back up with options…'), 'save-as'),
    action(restore, t('Restore…'), 'history'),
    action(undoRestore, t('Undo restore'), 'discard'),
    action(takeSnapshot, t('Take snapshot…'), 'device-camera'),
    action(rollBack, t('Roll back to snapshot…'), 'debug-step-back'),
    action(scheduleBackups, t('Schedule backups…'), 'watch'),
    action(openPsql, t('Open psql'), 'terminal'),
    action(copyConnectionString, t('Copy connection string'), 'copy'),
    action(showLogs, t('Show logs'), 'output'),
  ];
}

/** What can be done with a service. */
export function serviceActions(t: Translate): readonly Action[] {
  return [action(start, t('Start'), 'play'), action(restart, t('Restart'), 'debug-restart'), action(stop, t('Stop'), 'debug-stop')];
}

function action({ id, enabled }: Command, label: string, icon: string): Action {
  return { id, label, icon, enabled };
}
