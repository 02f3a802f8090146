/** One element of y <- alpha·sum + beta·y; beta = 0 does not read y. */
export function update<T>(y: usize, alpha: T, sum: T, beta: T): void {
  const product = (alpha * sum) as T;
  store<T>(y, beta == 0 ? product : ((((beta * load<T>(y)) as T) + product) as T));
}
