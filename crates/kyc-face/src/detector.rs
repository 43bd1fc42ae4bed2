//! The detector: YuNet, its answers read as faces.

use std::fmt;

use image::RgbImage;
use image::imageops;

use crate::face::{Face, Landmarks, Point};
use crate::network::{Activation, Convolution, Depthwise, Map, Pointwise, Weights, WeightsError};
use crate::picture::Picture;

/// The weights of YuNet (MIT licence): see MODEL_CARD.md.
const WEIGHTS: &[u8] = include_bytes!("../weights/yunet.safetensors");
const DIGEST: &str = "4e81321360bfaa188688c338916452d42da6e6fbb360796d5a95ddbbaa6596ef";

/// Longer sides of the picture that is searched, in pixels. The second is for faces that are too small for the first.
const SIDES: [u32; 2] = [320, 640];
/// The second search is left out if the largest face is at least this part of the longer side: a face a quarter as wide was found, too.
const LARGE: f32 = 0.25;
/// The width and height of the upright square around one face.
const UPRIGHT: u32 = 320;
/// The same for a glance at which way up it is.
const GLANCE: u32 = 160;
/// How often a face is looked at, unless its tilt changes by less than `STEADY` degrees.
const MAX_LOOKS: usize = 3;
const STEADY: f32 = 3.0;
/// How much larger than the face it is.
const AROUND: f32 = 2.0;
/// The network halves a picture this often.
const STRIDES: [usize; 3] = [8, 16, 32];
const MIN_SCORE: f32 = 0.7;
/// Boxes that share more than this of their area are the same face.
const MAX_OVERLAP: f32 = 0.3;
/// The candidates that are compared with each other; the best are kept.
const MAX_CANDIDATES: usize = 500;

/// Finds faces. It tells where they are, not whose.
///
/// It is made once, and may be used by several threads at once.
///
/// ```
/// use kyc_face::{Detector, Picture, kyc_core::Media};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let detector = Detector::new()?;
/// # let bytes: &[u8] = include_bytes!("../../kyc-sandbox/samples/a-2025.jpg");
/// let picture = Picture::decode(&Media::new(bytes)?)?;
/// let faces = detector.faces(&picture);
/// assert_eq!(faces.len(), 1);
/// assert!(faces[0].roll().abs() < 10.0);
/// # Ok(())
/// # }
/// ```
pub struct Detector {
    stem: Convolution,
    /// Of the backbone, in order.
    units: Vec<Unit>,
    /// For the strides 8, 16 and 32.
    necks: [Unit; 3],
    heads: [Head; 3],
}

/// A layer over channels and one over pixels.
struct Unit {
    point: Pointwise,
    depth: Depthwise,
}

/// What is read off at one stride.
struct Head {
    class: Unit,
    object: Unit,
    frame: Unit,
    landmarks: Unit,
}

/// Inputs and outputs of the units of the backbone.
const UNITS: [(usize, usize); 11] = [
    (16, 16),
    (16, 16),
    (16, 32),
    (32, 32),
    (32, 64),
    (64, 64),
    (64, 64),
    (64, 64),
    (64, 64),
    (64, 64),
    (64, 64),
];
/// The units before which the map is halved.
const HALVED: [usize; 4] = [1, 5, 7, 9];
/// The units after which the maps of strides 8, 16 and 32 are taken.
const TAKEN: [usize; 3] = [6, 8, 10];
const CHANNELS: usize = 64;

impl Unit {
    fn read(weights: &Weights<'_>, name: &str, inputs: usize, outputs: usize) -> Result<Self, WeightsError> {
        Ok(Self {
            point: Pointwise::read(weights, &format!("{name}.point"), inputs, outputs)?,
            depth: Depthwise::read(weights, &format!("{name}.depth"), outputs, 1)?,
        })
    }

    fn run(&self, map: &Map, activation: &Activation) -> Map {
        self.depth.run(&self.point.run(map, &Activation::Linear), activation)
    }
}

impl Head {
    fn read(weights: &Weights<'_>, stride: usize) -> Result<Self, WeightsError> {
        let unit = |name: &str, outputs| Unit::read(weights, &format!("{name}.{stride}"), CHANNELS, outputs);
        Ok(Self {
            class: unit("class", 1)?,
            object: unit("object", 1)?,
            frame: unit("box", 4)?,
            landmarks: unit("landmarks", 10)?,
        })
    }

    /// The faces that begin at one of the cells.
    fn faces(&self, map: &Map, stride: usize) -> Vec<Face> {
        let run = |unit: &Unit| unit.run(map, &Activation::Linear);
        let (class, object) = (run(&self.class), run(&self.object));
        let (frame, landmarks) = (run(&self.frame), run(&self.landmarks));
        let area = map.height * map.width;
        let face = |cell: usize| {
            let score = (sigmoid(class.values[cell]) * sigmoid(object.values[cell])).sqrt();
            (score >= MIN_SCORE).then(|| {
                #[expect(clippy::cast_precision_loss, reason = "at most 640")]
                let (x, y, stride) = ((cell % map.width) as f32, (cell / map.width) as f32, stride as f32);
                let frame = |place: usize| frame.values[place * area + cell];
                let mark = |place: usize| landmarks.values[place * area + cell];
                let (width, height) = (frame(2).exp() * stride, frame(3).exp() * stride);
                let middle = Point { x: (x + frame(0)) * stride, y: (y + frame(1)) * stride };
                let points = std::array::from_fn(|at| Point {
                    x: (x + mark(2 * at)) * stride,
                    y: (y + mark(2 * at + 1)) * stride,
                });
                let corner = Point { x: middle.x - width / 2.0, y: middle.y - height / 2.0 };
                Face { corner, width, height, landmarks: Landmarks::from_points(points), score }
            })
        };
        (0..area).filter_map(face).collect()
    }
}

impl Detector {
    /// Reads the weights that this crate contains.
    ///
    /// # Errors
    /// The file of the weights was changed after the crate was published.
    pub fn new() -> Result<Self, WeightsError> {
        Self::read(&Weights::open(WEIGHTS, DIGEST)?)
    }

    fn read(weights: &Weights<'_>) -> Result<Self, WeightsError> {
        let units = UNITS.iter().enumerate();
        let unit =
            |(place, &(inputs, outputs))| Unit::read(weights, &format!("unit.{place}"), inputs, outputs);
        let neck = |stride| Unit::read(weights, &format!("neck.{stride}"), CHANNELS, CHANNELS);
        Ok(Self {
            stem: Convolution::read(weights, "stem", 3, 16, 2)?,
            units: units.map(unit).collect::<Result<_, _>>()?,
            necks: [neck(8)?, neck(16)?, neck(32)?],
            heads: [Head::read(weights, 8)?, Head::read(weights, 16)?, Head::read(weights, 32)?],
        })
    }

    /// Returns the faces, the largest first.
    ///
    /// A face must be about 20 pixels wide, and a fortieth of the longer side of the picture. Heads that lie on their side may be
    /// found or not; [`Face::roll`] tells. This takes some milliseconds of computing: call it from `spawn_blocking` in an asynchronous
    /// program.
    #[must_use]
    pub fn faces(&self, picture: &Picture) -> Vec<Face> {
        let longer = picture.width().max(picture.height());
        #[expect(clippy::cast_precision_loss, reason = "pictures have at most 65,535 pixels a side")]
        let length = longer as f32;
        let mut faces = self.search(picture.image(), SIDES[0]);
        if longer > SIDES[0] && faces.first().is_none_or(|largest| largest.width < LARGE * length) {
            let closer = self.search(picture.image(), SIDES[1]);
            if !closer.is_empty() {
                faces = closer;
            }
        }
        faces
    }

    /// Looks at one face again, upright and enlarged, which finds the landmarks of a small or tilted face better, and tells a head
    /// that lies on its side or upside down by its [`roll`](Face::roll). Returns the face as it is on the picture; `None` if it is not
    /// found again.
    #[must_use]
    pub fn refine(&self, picture: &Picture, face: &Face) -> Option<Face> {
        // Of a head on its side the detector makes an upright one, but a less likely one.
        let ways =
            [0.0, 90.0, 180.0, -90.0].map(|turn| self.again(picture, face, face.roll() + turn, GLANCE));
        let mut face = ways.into_iter().flatten().max_by(|one, other| one.score.total_cmp(&other.score))?;
        // It underestimates how far a head is tilted, so each look is closer than the one before.
        for _ in 0..MAX_LOOKS {
            let closer = self.again(picture, &face, face.roll(), UPRIGHT)?;
            let moved = (closer.roll() - face.roll()).abs();
            face = closer;
            if moved < STEADY {
                break;
            }
        }
        Some(face)
    }

    /// Finds the face in the middle of a square that is turned by so many degrees.
    fn again(&self, picture: &Picture, face: &Face, roll: f32, side: u32) -> Option<Face> {
        let view = Upright::new(face, roll, side);
        let far = |face: &Face| {
            let middle = face.middle();
            (middle.x - view.half).hypot(middle.y - view.half)
        };
        let found = self.search(&view.picture(picture.image()), side).into_iter();
        let found = found.filter(|face| far(face) < view.half / 2.0);
        found.min_by(|one, other| far(one).total_cmp(&far(other))).map(|found| view.back(&found))
    }

    /// Searches a picture whose longer side is at most `side`.
    fn search(&self, image: &RgbImage, side: u32) -> Vec<Face> {
        let longer = image.width().max(image.height());
        if longer <= side {
            return self.infer(image);
        }
        let scaled = |length: u32| {
            let scaled = (u64::from(length) * u64::from(side) + u64::from(longer) / 2) / u64::from(longer);
            u32::try_from(scaled).unwrap_or(side).max(1)
        };
        let small = imageops::thumbnail(image, scaled(image.width()), scaled(image.height()));
        #[expect(clippy::cast_precision_loss, reason = "pictures have at most 65,535 pixels a side")]
        let (wide, high) =
            (image.width() as f32 / small.width() as f32, image.height() as f32 / small.height() as f32);
        let enlarged =
            |face: &Face| face.mapped(|point| Point { x: point.x * wide, y: point.y * high }, wide, high);
        self.infer(&small).iter().map(enlarged).collect()
    }

    fn infer(&self, image: &RgbImage) -> Vec<Face> {
        let relu = Activation::Relu;
        let mut map = self.stem.run(&input(image), &relu);
        let mut taken = Vec::with_capacity(TAKEN.len());
        for (place, unit) in self.units.iter().enumerate() {
            if HALVED.contains(&place) {
                map = map.halved();
            }
            map = unit.run(&map, &relu);
            if TAKEN.contains(&place) {
                taken.push(map.clone());
            }
        }
        let mut faces = Vec::new();
        let mut coarser: Option<Map> = None;
        // From the coarsest to the finest, which sees what the coarser ones found.
        for (place, mut map) in taken.into_iter().enumerate().rev() {
            if let Some(coarser) = &coarser {
                map.add_doubled(coarser);
            }
            let map = self.necks[place].run(&map, &relu);
            faces.extend(self.heads[place].faces(&map, STRIDES[place]));
            coarser = Some(map);
        }
        distinct(faces)
    }
}

impl fmt::Debug for Detector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Detector").finish_non_exhaustive()
    }
}

/// Blue, green and red from 0 to 255, with zeros to the right and below up to a multiple of 32.
fn input(image: &RgbImage) -> Map {
    let (width, height) = (image.width() as usize, image.height() as usize);
    let mut map = Map::zeros(3, height.next_multiple_of(32), width.next_multiple_of(32));
    let area = map.height * map.width;
    for (y, row) in image.as_raw().chunks_exact(3 * width.max(1)).enumerate() {
        for (x, pixel) in row.chunks_exact(3).enumerate() {
            for (channel, &value) in pixel.iter().rev().enumerate() {
                map.values[channel * area + y * map.width + x] = f32::from(value);
            }
        }
    }
    map
}

fn sigmoid(value: f32) -> f32 {
    1.0 / (1.0 + (-value).exp())
}

/// Keeps the surest of the faces that overlap, and puts the largest first.
fn distinct(mut faces: Vec<Face>) -> Vec<Face> {
    faces.retain(Face::is_finite);
    faces.sort_by(|one, other| other.score.total_cmp(&one.score));
    faces.truncate(MAX_CANDIDATES);
    let mut kept: Vec<Face> = Vec::new();
    for face in faces {
        if kept.iter().all(|other| face.overlap(other) <= MAX_OVERLAP) {
            kept.push(face);
        }
    }
    kept.sort_by(|one, other| other.width.total_cmp(&one.width));
    kept
}

impl Face {
    fn middle(&self) -> Point {
        Point { x: self.corner.x + self.width / 2.0, y: self.corner.y + self.height / 2.0 }
    }

    fn is_finite(&self) -> bool {
        let points = self.landmarks.points().into_iter().chain([self.corner]);
        points.flat_map(|point| [point.x, point.y]).chain([self.width, self.height]).all(f32::is_finite)
    }

    /// The part of both boxes together that they share, from 0 to 1.
    fn overlap(&self, other: &Self) -> f32 {
        let shared = |one: f32, length: f32, other: f32, other_length: f32| {
            ((one + length).min(other + other_length) - one.max(other)).max(0.0)
        };
        let width = shared(self.corner.x, self.width, other.corner.x, other.width);
        let height = shared(self.corner.y, self.height, other.corner.y, other.height);
        let both = width * height;
        both / (self.width * self.height + other.width * other.height - both).max(f32::EPSILON)
    }

    fn mapped(&self, point: impl Fn(Point) -> Point, wide: f32, high: f32) -> Self {
        Self {
            corner: point(self.corner),
            width: self.width * wide,
            height: self.height * high,
            landmarks: Landmarks::from_points(self.landmarks.points().map(point)),
            score: self.score,
        }
    }
}

/// A square picture in which one face is upright, in the middle, and half as wide as the picture.
struct Upright {
    side: u32,
    half: f32,
    /// The middle of the face on the original.
    middle: Point,
    /// Pixels of the original for each pixel of the square, and the turn between them.
    across: Point,
}

impl Upright {
    fn new(face: &Face, roll: f32, side: u32) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "at most 320")]
        let length = side as f32;
        let scale = AROUND * face.width.max(face.height).max(1.0) / length;
        let (sin, cos) = roll.to_radians().sin_cos();
        let across = Point { x: scale * cos, y: scale * sin };
        Self { side, half: length / 2.0, middle: face.middle(), across }
    }

    /// From a point of the square to the original.
    fn out(&self, point: Point) -> Point {
        let (x, y) = (point.x - self.half, point.y - self.half);
        Point {
            x: self.middle.x + self.across.x * x - self.across.y * y,
            y: self.middle.y + self.across.y * x + self.across.x * y,
        }
    }

    fn picture(&self, image: &RgbImage) -> RgbImage {
        RgbImage::from_fn(self.side, self.side, |x, y| {
            #[expect(clippy::cast_precision_loss, reason = "at most 320")]
            let point = self.out(Point { x: x as f32, y: y as f32 });
            imageops::interpolate_bilinear(image, point.x, point.y).unwrap_or(image::Rgb([0; 3]))
        })
    }

    /// The face on the original. Its box stays upright.
    fn back(&self, face: &Face) -> Face {
        let scale = self.across.x.hypot(self.across.y);
        let middle = self.out(face.middle());
        let mapped = face.mapped(|point| self.out(point), scale, scale);
        let corner = Point { x: middle.x - mapped.width / 2.0, y: middle.y - mapped.height / 2.0 };
        Face { corner, ..mapped }
    }
}
