import { LogLevel, window, type LogOutputChannel } from 'vscode';
import type { Logger } from '../protocol/logger';
import { redact } from './present/redact';
import { chosenLogLevel, logLevels, type ChosenLogLevel } from './settings';

/** The output channel as the core's log. Nothing in it ever shows a password. */
export class OutputLog implements Logger {
  private readonly channel: LogOutputChannel;

  constructor() {
    this.channel = window.createOutputChannel('Container Databases', { log: true });
  }

  debug(message: string): void {
    if (!wanted('debug')) return;
    // The setting may ask for more than the channel shows by its own level, which no extension can change.
    if (this.channel.logLevel > LogLevel.Debug) this.channel.info(`debug: ${redact(message)}`);
    else this.channel.debug(redact(message));
  }

  info(message: string): void {
    if (wanted('info')) this.channel.info(redact(message));
  }

  warn(message: string): void {
    if (wanted('warning')) this.channel.warn(redact(message));
  }

  error(message: string): void {
    if (wanted('error')) this.channel.error(redact(message));
  }

  show(): void {
    this.channel.show(true);
  }

  dispose(): void {
    this.channel.dispose();
  }
}

function wanted(level: ChosenLogLevel): boolean {
  return logLevels.indexOf(level) <= logLevels.indexOf(chosenLogLevel());
}
