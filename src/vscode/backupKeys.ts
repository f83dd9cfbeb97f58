import type { SecretStorage, window } from 'vscode';
import type { PassphraseKey } from '../backup/encryption/keys';
import { Failure } from '../protocol/failure';
import type { Translate } from './present/translate';

/** What of the editor's window asks for a passphrase. */
type Boxes = Pick<typeof window, 'showInputBox' | 'showWarningMessage'>;

/**
 * The passphrases of backups, one for each project, in the editor's secret storage. They go by the project's name, since
 * that is what manifests know: it is the same wherever the project is found, and when it is not there at all.
 */
export class BackupKeys {
  constructor(
    private readonly secrets: SecretStorage,
    private readonly t: Translate,
    private readonly boxes: Boxes,
  ) {}

  /**
   * The passphrase for new backups of a project. On first use it is asked for, twice, and kept; undefined when the user
   * would rather not. Throws `PASSPHRASE_NOT_KEPT`.
   */
  async forWriting(project: string): Promise<PassphraseKey | undefined> {
    const passphrase = (await this.secrets.get(secretName(project))) ?? (await this.choose(project));
    return passphrase === undefined ? undefined : { kind: 'passphrase', passphrase };
  }

  /**
   * The passphrase for a backup of a project: the one that is kept or, when that has turned out to be `wrong` or there is
   * none, the one that the user enters, which is not kept. Undefined when the user enters none.
   */
  async forReading(project: string, wrong?: PassphraseKey): Promise<PassphraseKey | undefined> {
    const kept = await this.secrets.get(secretName(project));
    const passphrase = kept === undefined || wrong !== undefined ? await this.enter(project, wrong !== undefined) : kept;
    return passphrase === undefined ? undefined : { kind: 'passphrase', passphrase };
  }

  /** The passphrase that is kept for a project; asks nothing. */
  async kept(project: string): Promise<PassphraseKey | undefined> {
    const passphrase = await this.secrets.get(secretName(project));
    return passphrase === undefined ? undefined : { kind: 'passphrase', passphrase };
  }

  /** Lets the passphrase go. Backups that were made with it ask for it from then on. */
  async forget(project: string): Promise<void> {
    await this.secrets.delete(secretName(project));
  }

  private async choose(project: string): Promise<string | undefined> {
    const button = this.t('Choose a passphrase');
    const message = this.t('Encrypt the backups of {0} with a passphrase?', project);
    const detail = this.t('Without the passphrase, nobody can ever read them again. The editor remembers it on this computer only: keep it elsewhere, too.');
    if ((await this.boxes.showWarningMessage(message, { modal: true, detail }, button)) !== button) return undefined;
    const title = this.t('Passphrase for the backups of {0}', project);
    const first = await this.box(title, this.t('Several words that nobody can guess'), (text) => (text === '' ? this.t('It must not be empty.') : undefined));
    if (first === undefined) return undefined;
    const again = await this.box(title, this.t('The same once more'), (text) => (text === first ? undefined : this.t('That is not the same.')));
    if (again !== first) return undefined;
    await this.keep(project, first);
    return first;
  }

  /** A passphrase that is not kept would be lost with the window, and with it the backup. */
  private async keep(project: string, passphrase: string): Promise<void> {
    await this.secrets.store(secretName(project), passphrase);
    if ((await this.secrets.get(secretName(project))) === passphrase) return;
    throw new Failure(
      'PASSPHRASE_NOT_KEPT',
      this.t('The editor could not keep the passphrase.'),
      this.t('Check the key ring of this computer, then try again.'),
    );
  }

  private async enter(project: string, wasWrong: boolean): Promise<string | undefined> {
    const prompt = wasWrong
      ? this.t('The passphrase is not the one of this backup. Enter the one it was made with.')
      : this.t('Enter the one it was made with');
    const entered = await this.box(this.t('Passphrase for the backup of {0}', project), prompt, () => undefined);
    return entered === '' ? undefined : entered;
  }

  private async box(title: string, prompt: string, validateInput: (text: string) => string | undefined): Promise<string | undefined> {
    return this.boxes.showInputBox({ title, prompt, password: true, ignoreFocusOut: true, validateInput });
  }
}

function secretName(project: string): string {
  return `backupPassphrase ${project}`;
}
