/** Where messages for the curious go: an output channel in the editor, standard error on the command line. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}
