/** A point of a line; `x` grows to the right. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

interface ChartSize {
  readonly width: number;
  readonly height: number;
  /** The least value that the top of the chart stands for. */
  readonly least?: number;
}

const namespace = 'http://www.w3.org/2000/svg';

/** A line with the area beneath it, from zero up; says nothing to a screen reader unless labelled. */
export function lineChart(points: readonly Point[], { width, height, least = 0 }: ChartSize, label?: string): SVGSVGElement {
  const chart = document.createElementNS(namespace, 'svg');
  const attributes = { class: 'chart', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', height: String(height) };
  for (const [name, value] of Object.entries(attributes)) chart.setAttribute(name, value);
  if (label === undefined) chart.setAttribute('aria-hidden', 'true');
  else {
    chart.setAttribute('role', 'img');
    chart.setAttribute('aria-label', label);
  }
  const line = lineOf(points, width, height, least);
  if (line === undefined) return chart;
  const [first, last] = [line[0], line.at(-1)];
  const text = line.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
  chart.append(
    shape('polygon', { points: `${first?.x.toFixed(1)},${height} ${text} ${last?.x.toFixed(1)},${height}`, fill: 'currentColor', 'fill-opacity': '0.14' }),
    shape('polyline', {
      points: text,
      fill: 'none',
      stroke: 'currentColor',
      'stroke-width': '1.5',
      'stroke-linejoin': 'round',
      'vector-effect': 'non-scaling-stroke',
    }),
  );
  return chart;
}

/** The points as they lie in the chart; undefined for fewer than two, of which there is no line. */
function lineOf(points: readonly Point[], width: number, height: number, least: number): readonly Point[] | undefined {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || first.x === last.x) return undefined;
  const top = Math.max(least, ...points.map(({ y }) => y)) || 1;
  return points.map(({ x, y }) => ({ x: ((x - first.x) / (last.x - first.x)) * width, y: height - 1 - (y / top) * (height - 3) }));
}

function shape(name: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const made = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
