//! Dense symmetric systems: enough for a few thousand unknowns.
//!
//! A library of linear algebra would bring many times the code for the two steps that are needed.

use crate::Error;

/// A square symmetric matrix, row by row; only the lower triangle is read.
#[derive(Debug, Clone)]
pub(crate) struct Symmetric {
    size: usize,
    cells: Vec<f64>,
}

impl Symmetric {
    pub(crate) fn zero(size: usize) -> Self {
        Self { size, cells: vec![0.0; size * size] }
    }

    pub(crate) fn size(&self) -> usize {
        self.size
    }

    pub(crate) fn get(&self, row: usize, column: usize) -> f64 {
        self.cells[row.max(column) * self.size + row.min(column)]
    }

    /// Adds to a cell, whichever triangle it is named in.
    pub(crate) fn add(&mut self, row: usize, column: usize, amount: f64) {
        self.cells[row.max(column) * self.size + row.min(column)] += amount;
    }

    /// The lower part of a row, up to and with the diagonal.
    pub(crate) fn row_mut(&mut self, row: usize) -> &mut [f64] {
        let start = row * self.size;
        &mut self.cells[start..=start + row]
    }

    /// Factors into L·Lᵀ. Assumes nothing but symmetry; a pivot under `1e-12` of its diagonal is refused.
    pub(crate) fn factor(mut self, what: &'static str) -> Result<Factor, Error> {
        let size = self.size;
        for row in 0..size {
            let (before, rest) = self.cells.split_at_mut(row * size);
            let current = &mut rest[..=row];
            let diagonal = current[row];
            for column in 0..row {
                let other = &before[column * size..column * size + column];
                let product = dot(other, &current[..column]);
                current[column] = (current[column] - product) / before[column * size + column];
            }
            let pivot = diagonal - dot(&current[..row], &current[..row]);
            if pivot.is_nan() || pivot <= 1e-12 * diagonal.abs() {
                return Err(Error::Singular { what });
            }
            current[row] = pivot.sqrt();
        }
        Ok(Factor { lower: self })
    }
}

/// The lower triangle L of a positive definite matrix L·Lᵀ.
#[derive(Debug, Clone)]
pub(crate) struct Factor {
    lower: Symmetric,
}

impl Factor {
    /// Solves the system for one right side.
    pub(crate) fn solve(&self, right: &[f64]) -> Vec<f64> {
        let size = self.lower.size;
        let mut x = right.to_vec();
        for row in 0..size {
            let line = &self.lower.cells[row * size..=row * size + row];
            x[row] = (x[row] - dot(&line[..row], &x[..row])) / line[row];
        }
        for row in (0..size).rev() {
            let line = &self.lower.cells[row * size..=row * size + row];
            x[row] /= line[row];
            let value = x[row];
            x[..row].iter_mut().zip(line).for_each(|(x, cell)| *x -= cell * value);
        }
        x
    }

    /// The inverse of the factored matrix.
    pub(crate) fn inverse(&self) -> Symmetric {
        self.inverse_from(0)
    }

    /// The lower right part of the inverse, from a place on. It needs that part of L alone.
    pub(crate) fn inverse_from(&self, first: usize) -> Symmetric {
        let size = self.lower.size - first;
        let line = |row: usize| {
            let start = (row + first) * self.lower.size + first;
            &self.lower.cells[start..=start + row]
        };
        // The inverse of L, kept by columns so that the products below run along memory.
        let mut columns = vec![0.0; size * size];
        for column in 0..size {
            let target = &mut columns[column * size..(column + 1) * size];
            target[column] = 1.0 / line(column)[column];
            for row in column + 1..size {
                let line = line(row);
                target[row] = -dot(&line[column..row], &target[column..row]) / line[row];
            }
        }
        let mut inverse = Symmetric::zero(size);
        for row in 0..size {
            let of_row = &columns[row * size + row..(row + 1) * size];
            for column in 0..=row {
                let of_column = &columns[column * size + row..(column + 1) * size];
                inverse.cells[row * size + column] = dot(of_row, of_column);
            }
        }
        inverse
    }

    /// The logarithm of the factored matrix' determinant.
    pub(crate) fn log_determinant(&self) -> f64 {
        let size = self.lower.size;
        (0..size).map(|row| 2.0 * self.lower.cells[row * size + row].ln()).sum()
    }
}

/// Four sums at once, so that the processor need not wait for each addition.
pub(crate) fn dot(one: &[f64], other: &[f64]) -> f64 {
    let length = one.len().min(other.len());
    let (one, other) = (&one[..length], &other[..length]);
    let mut sums = [0.0; 8];
    let (chunks, chunks_other) = (one.chunks_exact(8), other.chunks_exact(8));
    let rest: f64 =
        chunks.remainder().iter().zip(chunks_other.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in chunks.zip(chunks_other) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Symmetric {
        let mut matrix = Symmetric::zero(3);
        for (row, column, value) in
            [(0, 0, 4.0), (1, 0, 2.0), (1, 1, 5.0), (2, 0, 1.0), (2, 1, 3.0), (2, 2, 6.0)]
        {
            matrix.add(row, column, value);
        }
        matrix
    }

    #[test]
    fn a_solution_solves_and_an_inverse_inverts() {
        let factor = example().factor("test").unwrap();
        let x = factor.solve(&[1.0, 2.0, 3.0]);
        let matrix = example();
        for row in 0..3 {
            let found: f64 = (0..3).map(|column| matrix.get(row, column) * x[column]).sum();
            assert!((found - (row + 1) as f64).abs() < 1e-12);
        }
        let inverse = factor.inverse();
        for row in 0..3 {
            for column in 0..3 {
                let found: f64 = (0..3).map(|k| matrix.get(row, k) * inverse.get(k, column)).sum();
                assert!((found - f64::from(u8::from(row == column))).abs() < 1e-12);
            }
        }
        // 4·(30 − 9) − 2·(12 − 3) + 1·(6 − 5) = 67
        assert!((factor.log_determinant() - 67f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn a_singular_matrix_is_refused() {
        let mut matrix = Symmetric::zero(2);
        [(0, 0), (1, 0), (1, 1)].iter().for_each(|(row, column)| matrix.add(*row, *column, 1.0));
        assert!(matches!(matrix.factor("test"), Err(Error::Singular { what: "test" })));
    }
}
