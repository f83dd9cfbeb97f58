import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileFailure, removeIfThere, writeFileDurably } from '../../operations/files';
import { Failure } from '../../protocol/failure';
import { crontabBlock, hasBlock, withBlock, withoutBlock } from './crontab';
import { launchWords } from './launch';
import type { HeldLock } from './owner';
import { schedulerFailed, type RunProgram } from './runProgram';
import type { Installation, Launch, Schedule } from './schedule';
import { systemdUnits, unitName } from './systemd';

/** A scheduler of the host. */
export type Scheduler = Exclude<Installation, 'editor'>;

export interface InstallHost {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly run: RunProgram;
  /** Keeps two of us from changing the crontab at once. */
  readonly lock: () => Promise<HeldLock | undefined>;
}

/** Puts schedules into the user's own schedulers, and takes them out again. */
export class Installer {
  constructor(private readonly host: InstallHost) {}

  /** The schedulers that this host has. */
  async available(): Promise<readonly Scheduler[]> {
    const answers = await Promise.all((['crontab', 'systemd'] as const).map(async (each) => ((await this.has(each)) ? [each] : [])));
    return answers.flat();
  }

  /** Throws `SCHEDULER_MISSING`, `SCHEDULER_FAILED`, `SCHEDULE_PATH` or `CRONTAB_DAMAGED`; then nothing has changed. */
  async install(schedule: Schedule, scheduler: Scheduler, launch: Launch): Promise<void> {
    if (!(await this.has(scheduler))) throw schedulerMissing(scheduler, launch, schedule.id);
    if (scheduler === 'systemd') return this.installTimer(schedule, launch);
    const block = crontabBlock(schedule, launch);
    await this.changeCrontab((crontab) => withBlock(crontab, schedule.id, block));
  }

  /** Takes a schedule out of a scheduler; as good when it is not there, or the scheduler is not. */
  async uninstall(id: string, scheduler: Scheduler): Promise<void> {
    if (scheduler === 'systemd') return this.removeTimer(id);
    if (await this.has('crontab')) await this.changeCrontab((crontab) => withoutBlock(crontab, id));
  }

  /** Whether the scheduler still has it; the user may have taken it out by hand. */
  async isInstalled(id: string, scheduler: Scheduler): Promise<boolean> {
    if (!(await this.has(scheduler))) return false;
    if (scheduler === 'crontab') return hasBlock(await this.readCrontab(), id);
    return (await this.systemctl('is-enabled', `${unitName(id)}.timer`))?.code === 0;
  }

  private async has(scheduler: Scheduler): Promise<boolean> {
    if (this.host.platform === 'win32') return false;
    if (scheduler === 'crontab') return (await this.host.run('crontab', ['-l'])) !== undefined;
    return this.host.platform === 'linux' && (await this.systemctl('show-environment'))?.code === 0;
  }

  private async readCrontab(): Promise<string> {
    const answer = await this.host.run('crontab', ['-l']);
    if (answer?.code === 0) return answer.stdout;
    // Whatever else fails must not pass for an empty crontab: it would be written over.
    if (answer?.code === 1 && answer.stdout === '' && /^(?:crontab: )?no crontab for [^\n]*\n?$/.test(answer.stderr)) return '';
    throw schedulerFailed('crontab -l', answer === undefined ? 'it is not there' : answer.stderr || `code ${answer.code}`);
  }

  private async changeCrontab(change: (crontab: string) => string): Promise<void> {
    const lock = await this.host.lock();
    if (lock === undefined) throw new Failure('SCHEDULER_BUSY', 'The crontab is being changed by another window.', 'Try again in a moment.');
    try {
      const before = await this.readCrontab();
      const wanted = change(before);
      if (wanted === before) return;
      const answer = await this.host.run('crontab', ['-'], wanted);
      if (answer?.code !== 0) throw schedulerFailed('crontab', answer?.stderr ?? 'it is not there');
      if ((await this.readCrontab()) !== wanted) throw schedulerFailed('crontab', 'it holds something else than what was written');
    } finally {
      lock.release();
    }
  }

  private async installTimer(schedule: Schedule, launch: Launch): Promise<void> {
    const name = unitName(schedule.id);
    const units = systemdUnits(schedule, launch);
    try {
      await mkdir(this.unitFolder(), { recursive: true });
      await writeFileDurably(path.join(this.unitFolder(), `${name}.service`), units.service);
      await writeFileDurably(path.join(this.unitFolder(), `${name}.timer`), units.timer);
      await this.mustSystemctl('daemon-reload');
      await this.mustSystemctl('enable', `${name}.timer`);
      await this.mustSystemctl('restart', `${name}.timer`); // starts it, with the new times where it ran already
    } catch (error) {
      await this.removeTimer(schedule.id).catch(() => undefined);
      throw fileFailure(error, this.unitFolder());
    }
  }

  private async removeTimer(id: string): Promise<void> {
    const name = unitName(id);
    await this.systemctl('disable', '--now', `${name}.timer`);
    for (const ending of ['timer', 'service']) await removeIfThere(path.join(this.unitFolder(), `${name}.${ending}`));
    await this.systemctl('daemon-reload');
  }

  private unitFolder(): string {
    const { env, home } = this.host;
    return path.join(env['XDG_CONFIG_HOME'] || path.join(home, '.config'), 'systemd', 'user');
  }

  private systemctl(...args: readonly string[]): ReturnType<RunProgram> {
    return this.host.run('systemctl', ['--user', '--no-pager', ...args]);
  }

  private async mustSystemctl(...args: readonly string[]): Promise<void> {
    const answer = await this.systemctl(...args);
    if (answer?.code !== 0) throw schedulerFailed(`systemctl --user ${args[0] ?? ''}`, answer?.stderr ?? 'it is not there');
  }
}

function schedulerMissing(scheduler: Scheduler, launch: Launch, id: string): Failure {
  const what = scheduler === 'crontab' ? 'There is no program "crontab" on this host.' : 'No systemd answers for this user on this host.';
  const command = launchWords(launch, id)
    .map((word) => `"${word}"`)
    .join(' ');
  return new Failure(
    'SCHEDULER_MISSING',
    what,
    `Keep the editor open and let it run the schedule; or have another scheduler, such as the Task Scheduler of Windows, run ${command}.`,
  );
}
