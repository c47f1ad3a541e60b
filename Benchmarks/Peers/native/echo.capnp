@0xd3f0a6c1b7e94d25;

interface Echo {
  call @0 (body :Data) -> (body :Data);
}
