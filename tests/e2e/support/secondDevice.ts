// Another device of the same evaluator, as far as the server can tell: its pushes are signed and chained.

import { createHash, generateKeyPairSync, sign } from 'node:crypto';

interface Session {
  post<T>(path: string, body: unknown): Promise<T>;
}

/** Canonical JSON of what a push holds: keys sorted, no white space. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, of]) => of !== undefined);
  const sorted = entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([key, of]) => `${JSON.stringify(key)}:${canonical(of)}`).join(',')}}`;
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** Enrols a second device and sends these operations as its first push. */
export async function pushFromSecondDevice(
  session: Session,
  operations: unknown[],
): Promise<{ result: string }[]> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const x = publicKey.export({ format: 'jwk' }).x ?? '';
  const public_key = Buffer.from(x, 'base64url').toString('hex');
  const enrolled = await session.post<{ device: string }>('/api/devices', {
    name: 'second',
    public_key,
  });
  const device = enrolled.device;
  const previous = sha256(`mizan push chain ${device}`);
  const digest = sha256(canonical({ device, epoch: null, number: 1, operations, previous }));
  const text = Buffer.from(`mizan push ${digest}`);
  const signature = sign(null, text, privateKey).toString('hex');
  const link = { device, number: 1, previous, signature };
  const { outcomes } = await session.post<{ outcomes: { result: string }[] }>('/api/sync/push', {
    operations,
    link,
  });
  return outcomes;
}
