import type { Operation } from '../../operations/operation';
import { sizeOf } from './localFiles';

/** Milliseconds between two looks at a file that another program writes. */
const interval = 500;

/** Reports the size of a file that another program writes; gives the function that ends it. */
export function watchGrowth(file: string, operation: Operation, message: string): () => void {
  const timer = setInterval(() => void look(), interval);
  const look = async (): Promise<void> => {
    const bytes = await sizeOf(file).catch(() => undefined);
    if (bytes !== undefined) operation.report({ message, bytes });
  };
  return () => clearInterval(timer);
}
