/** A town that has been run and left: for the tests of fleets. */
import { Town as Plain, type TownOptions } from '../../simulator/hunt/town.ts';
import { sha1 } from './fake-server.ts';

export class Town extends Plain {
  constructor(options: Omit<TownOptions, 'sha1'>) {
    super({ ...options, sha1 });
  }

  run(milliseconds: number): this {
    this.start();
    this.advance(milliseconds);
    this.goHome();
    return this;
  }
}
