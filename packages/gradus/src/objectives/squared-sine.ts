/**
 * sin^2(pi x), the same bits in every engine, with a relative error of about 1e-15 as far as x is exact.
 *
 *     r = x - (nearest integer),  |r| <= 1/2;  sin(pi r) by its Taylor series up to r^21
 */
export function squaredSineOfHalfTurns(x: number): number {
  const r = x - Math.floor(x + 0.5);
  const z = r * r;
  let series = 5.392664662608129e-10; // pi^21 / 21!, written out: cosines were most of the time of a test function
  series = series * z - 2.2948428997269873e-8;
  series = series * z + 7.952054001475513e-7;
  series = series * z - 2.1915353447830217e-5;
  series = series * z + 4.6630280576761255e-4;
  series = series * z - 7.3704309457143504e-3;
  series = series * z + 8.214588661112823e-2;
  series = series * z - 0.5992645293207921;
  series = series * z + 2.5501640398773455;
  series = series * z - 5.16771278004997;
  series = series * z + Math.PI;
  const sine = r * series;
  return sine * sine;
}
