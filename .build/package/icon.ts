import { crc32, deflateSync } from 'node:zlib';

type Colour = readonly [number, number, number];

const TOP: Colour = [37, 99, 235];
const BOTTOM: Colour = [30, 58, 138];
const WHITE: Colour = [255, 255, 255];
/** Half width and centre height of the bars that make the funnel, as parts of the side. */
const BARS = [
  [0.31, 0.3],
  [0.22, 0.44],
  [0.13, 0.58],
  [0.045, 0.72],
] as const;
const HALF_BAR = 0.045;
const CORNER = 0.2;

/** The product's icon, a funnel of four bars, as a square PNG of `side` pixels. */
export function iconPng(side: number): Buffer {
  const scanlines = Buffer.alloc(side * (1 + side * 4));
  for (let y = 0; y < side; y += 1) {
    for (let x = 0; x < side; x += 1) {
      const [u, v] = [(x + 0.5) / side, (y + 0.5) / side];
      const soften = 1.2 / side;
      const square = coverage(roundedBox(u - 0.5, v - 0.5, 0.5, 0.5, CORNER), soften);
      const bar = Math.max(
        ...BARS.map(([half, centre]) =>
          coverage(roundedBox(u - 0.5, v - centre, half, HALF_BAR, HALF_BAR), soften),
        ),
      );
      const pixel = mix(mix(TOP, BOTTOM, v), WHITE, bar);
      scanlines.set([...pixel, Math.round(square * 255)], y * (1 + side * 4) + 1 + x * 4);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  // 8 bits a channel, RGB with transparency.
  header.set([8, 6, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(scanlines, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Distance of a point from a rounded box around the origin, negative inside. */
function roundedBox(x: number, y: number, halfWidth: number, halfHeight: number, radius: number): number {
  const dx = Math.abs(x) - halfWidth + radius;
  const dy = Math.abs(y) - halfHeight + radius;
  return Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - radius;
}

function coverage(distance: number, soften: number): number {
  return Math.min(1, Math.max(0, 0.5 - distance / soften));
}

function mix(from: Colour, to: Colour, part: number): Colour {
  const channel = (a: number, b: number) => Math.round(a + (b - a) * part);
  return [channel(from[0], to[0]), channel(from[1], to[1]), channel(from[2], to[2])];
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}
