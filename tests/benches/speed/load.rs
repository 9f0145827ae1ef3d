//! Load: so many clients, each on a connection of its own that stays open, each asking as fast as it is answered.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use rand::seq::IndexedRandom;

use crate::cases::Sample;

/// What came of it.
#[derive(Default)]
pub struct Outcome {
    /// Time of each request, in microseconds.
    pub micros: Vec<u32>,
    /// How long it went on.
    pub elapsed: Duration,
}

impl Outcome {
    /// Puts another round to this one.
    pub fn add(&mut self, other: Self) {
        self.micros.extend(other.micros);
        self.elapsed += other.elapsed;
    }

    /// Requests per second.
    pub fn rate(&self) -> f64 {
        self.micros.len() as f64 / self.elapsed.as_secs_f64()
    }

    /// Time within which so many in a hundred of the requests were answered, in milliseconds.
    pub fn percentile(&mut self, percent: usize) -> f64 {
        self.micros.sort_unstable();
        let index = self.micros.len() * percent / 100;
        let found = self.micros.get(index.min(self.micros.len().saturating_sub(1)));
        found.map_or(0.0, |micros| f64::from(*micros) / 1000.0)
    }
}

/// Sends the samples, drawn at random, for so long.
pub fn run(address: &str, samples: &[Sample], clients: usize, time: Duration) -> Outcome {
    let requests: Vec<Vec<u8>> = samples.iter().map(|sample| request(address, sample)).collect();
    let started = Instant::now();
    let micros = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..clients)
            .map(|_| {
                let requests = &requests;
                scope.spawn(move || one(address, requests, started + time))
            })
            .collect();
        handles.into_iter().flat_map(|handle| handle.join().unwrap()).collect()
    });
    Outcome { micros, elapsed: started.elapsed() }
}

fn request(address: &str, sample: &Sample) -> Vec<u8> {
    format!(
        "POST /graphql HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\nauthorization: Bearer {}\r\n\
         content-length: {}\r\n\r\n{}",
        sample.token,
        sample.body.len(),
        sample.body
    )
    .into_bytes()
}

fn one(address: &str, requests: &[Vec<u8>], until: Instant) -> Vec<u32> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut micros = Vec::new();
    let mut buffer = vec![0; 1 << 18];
    // Drawn at random, as pgbench draws its scripts: two clients meet at the same lock as often there as here.
    let mut random = rand::rng();
    while let Some(request) = requests.choose(&mut random) {
        let sent = Instant::now();
        if sent >= until {
            break;
        }
        stream.write_all(request).unwrap();
        let answer = receive(&mut stream, &mut buffer);
        // An answer with errors says so at its end or in its status; a refused act says why.
        let tail = &answer[answer.len().saturating_sub(400)..];
        let good =
            answer.starts_with(b"HTTP/1.1 200") && !contains(tail, b"\"errors\"") && !contains(tail, b"\"message\"");
        assert!(good, "{}", String::from_utf8_lossy(answer));
        micros.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
    micros
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

fn receive<'a>(stream: &mut TcpStream, buffer: &'a mut Vec<u8>) -> &'a [u8] {
    let mut length = 0;
    loop {
        let read = stream.read(&mut buffer[length..]).unwrap();
        assert!(read > 0, "the server closed the connection");
        length += read;
        let Some(end) = buffer[..length].windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
        let body =
            head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()?.parse::<usize>().ok());
        let total = end + 4 + body.expect("a length");
        if buffer.len() < total {
            buffer.resize(total, 0);
        }
        while length < total {
            length += stream.read(&mut buffer[length..]).unwrap();
        }
        return &buffer[..total];
    }
}
