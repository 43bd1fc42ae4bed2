//! The layers of small convolutional networks, and the weights that they read. The product of matrices is ndarray's; the rest is
//! loops that a compiler turns into vector instructions.

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2};
use safetensors::{Dtype, SafeTensors};
use sha2::{Digest as _, Sha256};

/// The weights of a network cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WeightsError {
    /// The file was changed.
    #[error(
        "the SHA-256 of the weights is not the expected one: the file was changed, use the one of this version"
    )]
    Digest,
    /// The file is not one of weights.
    #[error("the weights cannot be read: the file is damaged")]
    Format,
    /// A layer has no weights, or weights of another shape.
    #[error("the weights have no \"{0}\" of the expected shape")]
    Layer(String),
}

/// A file of weights.
#[derive(Debug)]
pub struct Weights<'a>(SafeTensors<'a>);

impl<'a> Weights<'a> {
    /// Reads a file whose SHA-256, in lower-case hexadecimal digits, is pinned.
    ///
    /// # Errors
    /// The file has another digest, or is not one of weights.
    pub fn open(file: &'a [u8], digest: &str) -> Result<Self, WeightsError> {
        let found: String = Sha256::digest(file).iter().map(|byte| format!("{byte:02x}")).collect();
        if found != digest {
            return Err(WeightsError::Digest);
        }
        Self::read(file)
    }

    pub(crate) fn read(file: &'a [u8]) -> Result<Self, WeightsError> {
        SafeTensors::deserialize(file).map(Self).map_err(|_| WeightsError::Format)
    }

    /// Returns numbers. Whole ones are multiplied by the scale of their row, which stands under the same name with `.scale`.
    ///
    /// # Errors
    /// There are none of that name and shape.
    pub fn get(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, WeightsError> {
        let wrong = || WeightsError::Layer(name.to_owned());
        let tensor = self.0.tensor(name).map_err(|_| wrong())?;
        if tensor.shape() != shape {
            return Err(wrong());
        }
        match tensor.dtype() {
            Dtype::F32 => Ok(tensor.data().chunks_exact(4).map(number).collect()),
            Dtype::I8 => {
                let scales = self.get(&format!("{name}.scale"), &shape[..1])?;
                let row = tensor.data().len() / scales.len().max(1);
                let rows = tensor.data().chunks_exact(row.max(1)).zip(scales);
                Ok(rows
                    .flat_map(|(row, scale)| {
                        row.iter().map(move |&byte| f32::from(byte.cast_signed()) * scale)
                    })
                    .collect())
            }
            _ => Err(wrong()),
        }
    }
}

fn number(bytes: &[u8]) -> f32 {
    bytes.try_into().map_or(0.0, f32::from_le_bytes)
}

/// The values of a layer: channels, each row by row.
#[derive(Clone, Debug, Default)]
pub struct Map {
    /// The number of channels.
    pub channels: usize,
    /// The height of a channel.
    pub height: usize,
    /// The width of a channel.
    pub width: usize,
    /// `channels` × `height` × `width` values.
    pub values: Vec<f32>,
}

/// What follows the sum of a layer.
#[derive(Clone, Debug)]
pub enum Activation {
    /// Nothing.
    Linear,
    /// What is below zero becomes zero.
    Relu,
    /// What is below zero is multiplied by the number of its channel.
    Prelu(Vec<f32>),
}

impl Map {
    /// Creates a map of zeros.
    #[must_use]
    pub fn zeros(channels: usize, height: usize, width: usize) -> Self {
        Self { channels, height, width, values: vec![0.0; channels * height * width] }
    }

    fn area(&self) -> usize {
        self.height * self.width
    }

    /// Returns the largest of each two by two values. A last odd row or column is left out.
    #[must_use]
    pub fn halved(&self) -> Self {
        let mut out = Self::zeros(self.channels, self.height / 2, self.width / 2);
        if out.values.is_empty() {
            return out;
        }
        let rows =
            self.values.chunks_exact(self.area()).flat_map(|channel| channel.chunks_exact(2 * self.width));
        for (two, row) in rows.zip(out.values.chunks_exact_mut(out.width)) {
            let (upper, lower) = two.split_at(self.width);
            let pairs = upper.chunks_exact(2).zip(lower.chunks_exact(2));
            for (value, (upper, lower)) in row.iter_mut().zip(pairs) {
                *value = upper[0].max(upper[1]).max(lower[0].max(lower[1]));
            }
        }
        out
    }

    /// Adds a map of half the size, each value of it to two by two values.
    pub fn add_doubled(&mut self, half: &Self) {
        let (area, width) = (self.area(), self.width);
        let halves = half.values.chunks_exact(half.area().max(1));
        for (channel, half_channel) in self.values.chunks_exact_mut(area.max(1)).zip(halves) {
            for (y, row) in channel.chunks_exact_mut(width).enumerate() {
                let start = y / 2 * half.width;
                let Some(half_row) = half_channel.get(start..start + half.width) else { continue };
                row.iter_mut()
                    .enumerate()
                    .for_each(|(x, value)| *value += half_row.get(x / 2).unwrap_or(&0.0));
            }
        }
    }

    fn activate(&mut self, activation: &Activation) {
        let area = self.area().max(1);
        match activation {
            Activation::Linear => {}
            Activation::Relu => self.values.iter_mut().for_each(|value| *value = value.max(0.0)),
            Activation::Prelu(slopes) => {
                for (channel, slope) in self.values.chunks_exact_mut(area).zip(slopes) {
                    channel.iter_mut().for_each(|value| *value = value.max(0.0) + slope * value.min(0.0));
                }
            }
        }
    }
}

/// A layer that looks at one pixel over all channels.
#[derive(Clone, Debug)]
pub struct Pointwise {
    outputs: usize,
    inputs: usize,
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl Pointwise {
    /// Reads the weights.
    ///
    /// # Errors
    /// They are missing or of another shape.
    pub fn read(
        weights: &Weights<'_>,
        name: &str,
        inputs: usize,
        outputs: usize,
    ) -> Result<Self, WeightsError> {
        let bias = weights.get(&format!("{name}.bias"), &[outputs])?;
        let weights = weights.get(&format!("{name}.weight"), &[outputs, inputs])?;
        Ok(Self { outputs, inputs, weights, bias })
    }

    /// Computes the layer.
    #[must_use]
    pub fn run(&self, map: &Map, activation: &Activation) -> Map {
        let mut out = Map::zeros(self.outputs, map.height, map.width);
        product(&self.weights, self.inputs, &map.values, &self.bias, &mut out);
        out.activate(activation);
        out
    }
}

/// A layer that looks at three by three pixels over all channels.
#[derive(Clone, Debug)]
pub struct Convolution {
    layer: Pointwise,
    channels: usize,
    stride: usize,
}

impl Convolution {
    /// Reads the weights.
    ///
    /// # Errors
    /// They are missing or of another shape.
    pub fn read(
        weights: &Weights<'_>,
        name: &str,
        channels: usize,
        outputs: usize,
        stride: usize,
    ) -> Result<Self, WeightsError> {
        Ok(Self { layer: Pointwise::read(weights, name, 9 * channels, outputs)?, channels, stride })
    }

    /// Computes the layer.
    #[must_use]
    pub fn run(&self, map: &Map, activation: &Activation) -> Map {
        let (height, width) = (map.height.div_ceil(self.stride), map.width.div_ceil(self.stride));
        let padded = Padded::new(map.height, map.width);
        let mut columns = Map::zeros(9 * self.channels, height, width);
        let mut rows = columns.values.chunks_exact_mut(width.max(1));
        let mut pad = padded.zeros();
        for channel in map.values.chunks_exact(map.area().max(1)).take(self.channels) {
            padded.fill(&mut pad, channel);
            for place in 0..9 {
                for y in 0..height {
                    let start = (y * self.stride + place / 3) * padded.width + place % 3;
                    let (Some(row), Some(from)) = (rows.next(), pad.get(start..)) else { continue };
                    row.iter_mut().zip(from.iter().step_by(self.stride)).for_each(|(to, from)| *to = *from);
                }
            }
        }
        self.layer.run(&columns, activation)
    }
}

/// A layer that looks at three by three pixels, each channel alone.
#[derive(Clone, Debug)]
pub struct Depthwise {
    weights: Vec<f32>,
    bias: Vec<f32>,
    stride: usize,
}

impl Depthwise {
    /// Reads the weights.
    ///
    /// # Errors
    /// They are missing or of another shape.
    pub fn read(
        weights: &Weights<'_>,
        name: &str,
        channels: usize,
        stride: usize,
    ) -> Result<Self, WeightsError> {
        let bias = weights.get(&format!("{name}.bias"), &[channels])?;
        let weights = weights.get(&format!("{name}.weight"), &[channels, 9])?;
        Ok(Self { weights, bias, stride })
    }

    /// Computes the layer.
    #[must_use]
    pub fn run(&self, map: &Map, activation: &Activation) -> Map {
        let (height, width) = (map.height.div_ceil(self.stride), map.width.div_ceil(self.stride));
        let mut out = Map::zeros(map.channels, height, width);
        if out.values.is_empty() {
            return out;
        }
        let padded = Padded::new(map.height, map.width);
        let mut pad = padded.zeros();
        let channels = map.values.chunks_exact(map.area()).zip(out.values.chunks_exact_mut(height * width));
        let kernels = self.weights.chunks_exact(9).zip(&self.bias);
        for ((channel, out), (kernel, &bias)) in channels.zip(kernels) {
            padded.fill(&mut pad, channel);
            for (y, row) in out.chunks_exact_mut(width).enumerate() {
                let above = &pad[y * self.stride * padded.width..][..3 * padded.width];
                slide(row, above, kernel, bias, self.stride);
            }
        }
        out.activate(activation);
        out
    }
}

/// Computes a row from three rows of the padded channel.
fn slide(out: &mut [f32], rows: &[f32], kernel: &[f32], bias: f32, stride: usize) {
    let width = rows.len() / 3;
    out.fill(bias);
    for (row, kernel) in rows.chunks_exact(width).zip(kernel.chunks_exact(3)) {
        match stride {
            1 => {
                let (left, middle, right) = (&row[..out.len()], &row[1..=out.len()], &row[2..out.len() + 2]);
                for (((value, left), middle), right) in out.iter_mut().zip(left).zip(middle).zip(right) {
                    *value += kernel[0] * left + kernel[1] * middle + kernel[2] * right;
                }
            }
            _ => {
                for (value, three) in out.iter_mut().zip(row.windows(3).step_by(stride)) {
                    *value += kernel[0] * three[0] + kernel[1] * three[1] + kernel[2] * three[2];
                }
            }
        }
    }
}

/// A layer that looks at everything.
#[derive(Clone, Debug)]
pub struct Dense {
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl Dense {
    /// Reads the weights.
    ///
    /// # Errors
    /// They are missing or of another shape.
    pub fn read(
        weights: &Weights<'_>,
        name: &str,
        inputs: usize,
        outputs: usize,
    ) -> Result<Self, WeightsError> {
        let bias = weights.get(&format!("{name}.bias"), &[outputs])?;
        Ok(Self { weights: weights.get(&format!("{name}.weight"), &[outputs, inputs])?, bias })
    }

    /// Computes the layer.
    #[must_use]
    pub fn run(&self, values: &[f32]) -> Vec<f32> {
        let rows = self.weights.chunks_exact(values.len().max(1));
        rows.zip(&self.bias).map(|(row, bias)| bias + dot(row, values)).collect()
    }
}

/// The scalar product, in eight sums that a compiler keeps in vector registers.
fn dot(one: &[f32], other: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    for (one, other) in one.chunks_exact(8).zip(other.chunks_exact(8)) {
        sums.iter_mut().zip(one.iter().zip(other)).for_each(|(sum, (one, other))| *sum += one * other);
    }
    let rest = one.len() / 8 * 8;
    let rest: f32 = one[rest..].iter().zip(&other[rest..]).map(|(one, other)| one * other).sum();
    sums.iter().sum::<f32>() + rest
}

/// `out` = `weights` × `values` + `bias`, where the rows of `out` are its channels.
fn product(weights: &[f32], inputs: usize, values: &[f32], bias: &[f32], out: &mut Map) {
    let area = out.area().max(1);
    out.values.chunks_exact_mut(area).zip(bias).for_each(|(channel, bias)| channel.fill(*bias));
    let shaped = (
        ArrayView2::from_shape((out.channels, inputs), weights),
        ArrayView2::from_shape((inputs, area), values),
        ArrayViewMut2::from_shape((out.channels, area), &mut out.values),
    );
    // The weights have the shape that they were read with; a map of another shape gives the bias alone.
    if let (Ok(weights), Ok(values), Ok(mut out)) = shaped {
        general_mat_mul(1.0, &weights, &values, 1.0, &mut out);
    }
}

/// A channel with a border of zeros, one pixel wide.
struct Padded {
    height: usize,
    width: usize,
}

impl Padded {
    fn new(height: usize, width: usize) -> Self {
        Self { height: height + 2, width: width + 2 }
    }

    fn zeros(&self) -> Vec<f32> {
        vec![0.0; self.height * self.width]
    }

    /// Writes the inner pixels; the border stays.
    fn fill(&self, pad: &mut [f32], channel: &[f32]) {
        let inner = self.width - 2;
        let rows = pad.chunks_exact_mut(self.width).skip(1).zip(channel.chunks_exact(inner.max(1)));
        rows.for_each(|(to, from)| to[1..=inner].copy_from_slice(from));
    }
}

#[cfg(test)]
mod tests;
