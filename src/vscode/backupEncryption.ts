import type { window } from 'vscode';
import type { Backup } from '../backup/catalogue';
import type { DecryptionKey, EncryptionKey, PassphraseKey } from '../backup/encryption/keys';
import type { Manifest } from '../backup/manifest';
import { cancelled, Failure } from '../protocol/failure';
import type { BackupKeys } from './backupKeys';
import type { Translate } from './present/translate';

/** What new backups can be encrypted with, as the setting has it. */
export const encryptionModes = ['none', 'passphrase', 'recipients'] as const;
export type EncryptionMode = (typeof encryptionModes)[number];

interface EncryptionSettings {
  readonly encryption: string;
  readonly recipients: readonly string[];
}

/** What of the editor's window asks for a file. */
type FileDialog = Pick<typeof window, 'showOpenDialog'>;

/** What backups are encrypted and decrypted with: what the settings say, and what the user enters. */
export class BackupEncryption {
  /** The file that the user has chosen last, so that it is asked for once in a window. */
  private identityFile: string | undefined;

  constructor(
    private readonly keys: BackupKeys,
    private readonly settings: () => EncryptionSettings,
    private readonly t: Translate,
    private readonly dialog: FileDialog,
  ) {}

  /** What the settings choose. Throws `ENCRYPTION_UNKNOWN`: what is not understood must not pass for "none". */
  get mode(): EncryptionMode {
    const { encryption } = this.settings();
    const mode = encryptionModes.find((each) => each === encryption);
    if (mode !== undefined) return mode;
    throw new Failure(
      'ENCRYPTION_UNKNOWN',
      this.t('The setting "containerDatabases.encryption" is "{0}", which is not understood.', encryption),
      this.t('Set it to "none", "passphrase" or "recipients".'),
    );
  }

  /** The public keys of the settings. */
  get recipients(): readonly string[] {
    return this.settings().recipients;
  }

  /**
   * What a new backup of a project is encrypted with by the settings; undefined when it is not. A passphrase that is not
   * kept yet is asked for, but by no schedule. Throws `PASSPHRASE_MISSING`, `RECIPIENT_INVALID`, `CANCELLED`.
   */
  async forNew(project: string, reason: Manifest['reason']): Promise<EncryptionKey | undefined> {
    const { mode } = this;
    if (mode === 'none') return undefined;
    if (mode === 'recipients') return this.forRecipients(this.recipients);
    return reason === 'scheduled' ? this.keptPassphrase(project) : this.forPassphrase(project);
  }

  /** The passphrase of a project, asked for on first use. Throws `CANCELLED` when the user would rather not. */
  async forPassphrase(project: string): Promise<PassphraseKey> {
    const key = await this.keys.forWriting(project);
    if (key === undefined) throw cancelled();
    return key;
  }

  /** The key for these public ones. Throws `RECIPIENT_INVALID`. */
  async forRecipients(recipients: readonly string[]): Promise<EncryptionKey> {
    const { recipientsKey } = await import('../backup/encryption/keys');
    return recipientsKey(recipients);
  }

  /**
   * Does what reads a backup, with the key that it needs; asks again for as long as the key is wrong. Throws `CANCELLED`
   * when the user enters none, and what the work throws.
   */
  async reading<T>(backup: Backup, project: string, work: (key: DecryptionKey | undefined) => Promise<T>): Promise<T> {
    const owner = backup.manifest?.project ?? project;
    let kind = kindOf(backup);
    let wrong: DecryptionKey | undefined;
    for (;;) {
      const key = kind === undefined ? undefined : await this.ask(kind, owner, wrong);
      try {
        return await work(key);
      } catch (error) {
        const code = error instanceof Failure ? error.code : undefined;
        if (code === 'KEY_WRONG') wrong = key;
        else if (code === 'PASSPHRASE_MISSING' && kind !== 'passphrase') kind = 'passphrase';
        else if (code === 'IDENTITY_MISSING' && kind !== 'identities') kind = 'identities';
        else throw error;
      }
    }
  }

  async isKept(project: string): Promise<boolean> {
    return (await this.keys.kept(project)) !== undefined;
  }

  /** Lets the passphrase of a project go. */
  async forget(project: string): Promise<void> {
    await this.keys.forget(project);
  }

  private async keptPassphrase(project: string): Promise<PassphraseKey> {
    const key = await this.keys.kept(project);
    if (key !== undefined) return key;
    throw new Failure(
      'PASSPHRASE_MISSING',
      this.t('No passphrase is kept for the backups of {0}.', project),
      this.t('Back one of its databases up by hand: you are asked for a passphrase then, and schedules use it from then on.'),
    );
  }

  private async ask(kind: DecryptionKey['kind'], project: string, wrong: DecryptionKey | undefined): Promise<DecryptionKey> {
    const key =
      kind === 'passphrase'
        ? await this.keys.forReading(project, wrong?.kind === 'passphrase' ? wrong : undefined)
        : await this.askIdentities(wrong !== undefined);
    if (key === undefined) throw cancelled();
    return key;
  }

  private async askIdentities(wasWrong: boolean): Promise<DecryptionKey | undefined> {
    const { identitiesKey } = await import('../backup/encryption/keys');
    if (this.identityFile !== undefined && !wasWrong) return identitiesKey([this.identityFile]);
    this.identityFile = undefined;
    const title = wasWrong
      ? this.t('None of those identities fits this backup. Choose another file')
      : this.t('The backup is encrypted: choose the identity file');
    const [file] = (await this.dialog.showOpenDialog({ title, openLabel: this.t('Decrypt with this file') })) ?? [];
    if (file === undefined) return undefined;
    const key = await identitiesKey([file.fsPath]);
    this.identityFile = file.fsPath;
    return key;
  }
}

/** What a backup needs by its manifest; undefined when it needs nothing, or that is not known. */
function kindOf({ manifest }: Backup): DecryptionKey['kind'] | undefined {
  if (manifest === undefined || manifest.encryption === 'none') return undefined;
  return manifest.encryption === 'age-passphrase' ? 'passphrase' : 'identities';
}
