import { commands, window } from 'vscode';
import type { Health } from '../health/model';
import { newNotices } from '../health/notices';
import type { Inventory } from '../inventory/model';
import { healthCommand, reasonSubject } from './present/healthText';
import type { Subject } from './present/subject';
import { notificationsWanted, turnNotificationsOff } from './settings';
import { translate as t } from './translate';

/** Tells of what the user would want to be called for, once. */
export class HealthNotices {
  private told: ReadonlyMap<string, Health> = new Map();

  tell(inventory: Inventory | undefined, healths: ReadonlyMap<string, Health>): void {
    const notices = newNotices(this.told, healths);
    this.told = healths;
    if (inventory === undefined || !notificationsWanted()) return;
    for (const { service: id, reason } of notices) {
      const subject = reasonSubject(inventory, id, reason);
      if (subject === undefined || !('service' in subject)) continue;
      const place = `${subject.project.name}/${subject.service.name}`;
      void show(`${place}: ${reason.message} ${reason.remedy}`, healthCommand(t, reason.action), subject);
    }
  }
}

async function show(message: string, command: ReturnType<typeof healthCommand>, subject: Subject): Promise<void> {
  const never = t("Don't show again");
  const chosen = await window.showWarningMessage(message, ...(command === undefined ? [] : [command.label]), never);
  if (chosen === never) await turnNotificationsOff();
  else if (chosen !== undefined && command !== undefined) await commands.executeCommand(command.id, { subject });
}
