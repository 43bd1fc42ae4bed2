//! The layers beside loops that are as plain as their definition.

use proptest::prelude::*;

use super::*;

/// Reads a layer with these tensors, of which the first has so many columns.
fn file(tensors: &[(&str, Vec<usize>, &[f32])]) -> Vec<u8> {
    let bytes: Vec<Vec<u8>> =
        tensors.iter().map(|(.., values)| values.iter().flat_map(|v| v.to_le_bytes()).collect()).collect();
    let views = tensors.iter().zip(&bytes).map(|((name, shape, _), bytes)| {
        let view = safetensors::tensor::TensorView::new(Dtype::F32, shape.clone(), bytes);
        (*name, view.expect("as many values as the shape says"))
    });
    safetensors::serialize(views, None).expect("a file")
}

fn layer(outputs: usize, columns: usize, weights: &[f32], bias: &[f32]) -> Vec<u8> {
    file(&[("l.weight", vec![outputs, columns], weights), ("l.bias", vec![outputs], bias)])
}

/// Zero outside.
fn at(map: &Map, channel: usize, y: Option<usize>, x: Option<usize>) -> f32 {
    match (y, x) {
        (Some(y), Some(x)) if y < map.height && x < map.width => {
            map.values[(channel * map.height + y) * map.width + x]
        }
        _ => 0.0,
    }
}

/// The sum over three by three pixels around a place.
fn around(map: &Map, channel: usize, (y, x): (usize, usize), kernel: &[f32]) -> f32 {
    let place = |i: usize| at(map, channel, (y + i / 3).checked_sub(1), (x + i % 3).checked_sub(1));
    (0..9).map(|i| kernel[i] * place(i)).sum()
}

fn assert_close(found: &Map, expected: impl Fn(usize, usize, usize) -> f32) -> Result<(), TestCaseError> {
    prop_assert_eq!(found.values.len(), found.channels * found.height * found.width);
    for channel in 0..found.channels {
        for y in 0..found.height {
            for x in 0..found.width {
                let (ours, theirs) = (at(found, channel, Some(y), Some(x)), expected(channel, y, x));
                prop_assert!((ours - theirs).abs() < 1e-4, "{ours} {theirs} at {channel} {y} {x}");
            }
        }
    }
    Ok(())
}

fn numbers(count: usize) -> impl Strategy<Value = Vec<f32>> {
    proptest::collection::vec(-1.0_f32..1.0, count)
}

fn map() -> impl Strategy<Value = Map> {
    (1_usize..6, 1_usize..12, 1_usize..12).prop_flat_map(|(channels, height, width)| {
        numbers(channels * height * width).prop_map(move |values| Map { channels, height, width, values })
    })
}

/// A map, and weights for each of its channels, and as many more as outputs ask for.
fn layered() -> impl Strategy<Value = (Map, usize, Vec<f32>, Vec<f32>)> {
    (map(), 1_usize..6).prop_flat_map(|(map, outputs)| {
        let count = 9 * outputs.max(map.channels) * map.channels;
        let bias = numbers(outputs.max(map.channels));
        (Just(map), Just(outputs), numbers(count), bias)
    })
}

proptest! {
    #[test]
    fn pointwise_is_its_definition((map, outputs, weights, bias) in layered()) {
        let inputs = map.channels;
        let file = layer(outputs, inputs, &weights[..outputs * inputs], &bias[..outputs]);
        let weights_of = Weights::read(&file).expect("weights");
        let found = Pointwise::read(&weights_of, "l", inputs, outputs).expect("a layer").run(&map, &Activation::Relu);
        prop_assert_eq!((found.channels, found.height, found.width), (outputs, map.height, map.width));
        assert_close(&found, |output, y, x| {
            let of = |input: usize| weights[output * inputs + input] * at(&map, input, Some(y), Some(x));
            (bias[output] + (0..inputs).map(of).sum::<f32>()).max(0.0)
        })?;
    }

    #[test]
    fn depthwise_is_its_definition((map, _, weights, bias) in layered(), stride in 1_usize..3) {
        let channels = map.channels;
        let file = layer(channels, 9, &weights[..9 * channels], &bias[..channels]);
        let weights_of = Weights::read(&file).expect("weights");
        let slopes: Vec<f32> = bias[..channels].iter().map(|slope| slope / 2.0).collect();
        let layer = Depthwise::read(&weights_of, "l", channels, stride).expect("a layer");
        let found = layer.run(&map, &Activation::Prelu(slopes.clone()));
        let size = (channels, map.height.div_ceil(stride), map.width.div_ceil(stride));
        prop_assert_eq!((found.channels, found.height, found.width), size);
        assert_close(&found, |channel, y, x| {
            let kernel = &weights[9 * channel..][..9];
            let sum = bias[channel] + around(&map, channel, (y * stride, x * stride), kernel);
            if sum < 0.0 { slopes[channel] * sum } else { sum }
        })?;
    }

    #[test]
    fn convolution_is_its_definition((map, outputs, weights, bias) in layered(), stride in 1_usize..3) {
        let inputs = map.channels;
        let file = layer(outputs, 9 * inputs, &weights[..9 * inputs * outputs], &bias[..outputs]);
        let weights_of = Weights::read(&file).expect("weights");
        let layer = Convolution::read(&weights_of, "l", inputs, outputs, stride).expect("a layer");
        let found = layer.run(&map, &Activation::Linear);
        let size = (outputs, map.height.div_ceil(stride), map.width.div_ceil(stride));
        prop_assert_eq!((found.channels, found.height, found.width), size);
        assert_close(&found, |output, y, x| {
            let kernel = |input: usize| &weights[9 * (output * inputs + input)..][..9];
            let of = |input: usize| around(&map, input, (y * stride, x * stride), kernel(input));
            bias[output] + (0..inputs).map(of).sum::<f32>()
        })?;
    }

    #[test]
    fn dense_is_its_definition((map, outputs, weights, bias) in layered()) {
        // Lengths that are no multiple of the eight sums, too.
        let values = &map.values[..map.values.len().min(weights.len() / outputs)];
        let weights = &weights[..outputs * values.len()];
        let file = layer(outputs, values.len(), weights, &bias[..outputs]);
        let weights_of = Weights::read(&file).expect("weights");
        let found = Dense::read(&weights_of, "l", values.len(), outputs).expect("a layer").run(values);
        prop_assert_eq!(found.len(), outputs);
        for (output, found) in found.into_iter().enumerate() {
            let row = weights[output * values.len()..].iter().zip(values);
            let expected = bias[output] + row.map(|(weight, value)| weight * value).sum::<f32>();
            prop_assert!((found - expected).abs() < 1e-4, "{found} {expected}");
        }
    }

    #[test]
    fn halves_are_the_largest_of_four(map in map()) {
        let found = map.halved();
        prop_assert_eq!((found.height, found.width), (map.height / 2, map.width / 2));
        assert_close(&found, |channel, y, x| {
            let four = (0..4).map(|i| at(&map, channel, Some(2 * y + i / 2), Some(2 * x + i % 2)));
            four.fold(f32::MIN, f32::max)
        })?;
    }

    #[test]
    fn a_half_is_added_to_two_by_two_values(half in map()) {
        let (height, width) = (2 * half.height, 2 * half.width);
        let mut whole = Map::zeros(half.channels, height, width);
        whole.values.fill(1.0);
        whole.add_doubled(&half);
        assert_close(&whole, |channel, y, x| 1.0 + at(&half, channel, Some(y / 2), Some(x / 2)))?;
    }
}

#[test]
fn a_map_without_pixels_stays_without() {
    let file = layer(2, 9, &[1.0; 18], &[1.0; 2]);
    let weights = Weights::read(&file).expect("weights");
    let depthwise = Depthwise::read(&weights, "l", 2, 1).expect("a layer");
    for (height, width) in [(0, 0), (0, 4), (4, 0)] {
        let map = Map::zeros(2, height, width);
        assert!(depthwise.run(&map, &Activation::Relu).values.is_empty());
        assert!(map.halved().values.is_empty());
    }
}

#[test]
fn weights_of_another_shape_are_named() {
    let file = layer(2, 9, &[1.0; 18], &[1.0; 2]);
    let weights = Weights::read(&file).expect("weights");
    let named = |name: &str| Some(WeightsError::Layer(name.to_owned()));
    assert_eq!(Pointwise::read(&weights, "l", 8, 2).err(), named("l.weight"));
    assert_eq!(Pointwise::read(&weights, "l", 9, 3).err(), named("l.bias"));
    assert_eq!(Depthwise::read(&weights, "m", 2, 1).err(), named("m.bias"));
    assert_eq!(Weights::read(&file[..file.len() - 1]).err(), Some(WeightsError::Format));
    assert_eq!(Weights::read(&[0xFF; 64]).err(), Some(WeightsError::Format));
    assert_eq!(Weights::open(&file, "").err(), Some(WeightsError::Digest));
}

#[test]
fn whole_numbers_are_multiplied_by_the_scale_of_their_row() {
    let whole: Vec<u8> = [1_i8, -2, 127, -127].iter().map(|value| value.cast_unsigned()).collect();
    let scales: Vec<u8> = [0.5_f32, 2.0].iter().flat_map(|scale| scale.to_le_bytes()).collect();
    let view = |kind, shape: &[usize], bytes| {
        safetensors::tensor::TensorView::new(kind, shape.to_vec(), bytes).expect("a tensor")
    };
    let tensors = [("w", view(Dtype::I8, &[2, 2], &whole)), ("w.scale", view(Dtype::F32, &[2], &scales))];
    let file = safetensors::serialize(tensors, None).expect("a file");
    let weights = Weights::read(&file).expect("weights");
    assert_eq!(weights.get("w", &[2, 2]), Ok(vec![0.5, -1.0, 254.0, -254.0]));
    let alone = safetensors::serialize([("w", view(Dtype::I8, &[2, 2], &whole))], None).expect("a file");
    let missing = Weights::read(&alone).expect("weights").get("w", &[2, 2]);
    assert_eq!(missing, Err(WeightsError::Layer("w.scale".to_owned())));
}
