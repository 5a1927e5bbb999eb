/* Records a sound in the browser and puts it as a WAV into the file field that the button names. */
const RATE = 16000;

async function asWav(recorded: Blob): Promise<File> {
  const context = new OfflineAudioContext(1, RATE, RATE);
  const decoded = await context.decodeAudioData(await recorded.arrayBuffer());
  const whole = new OfflineAudioContext(1, Math.max(1, Math.ceil(decoded.duration * RATE)), RATE);
  const source = whole.createBufferSource();
  source.buffer = decoded;
  source.connect(whole.destination);
  source.start();
  const samples = (await whole.startRendering()).getChannelData(0);
  const view = new DataView(new ArrayBuffer(44 + samples.length * 2));
  const text = (at: number, word: string): void => [...word].forEach((c, n) => view.setUint8(at + n, c.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, 36 + samples.length * 2, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE, true);
  view.setUint32(28, RATE * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, samples.length * 2, true);
  samples.forEach((value, n) => view.setInt16(44 + n * 2, Math.max(-1, Math.min(1, value)) * 32767, true));
  return new File([view.buffer], "record.wav", { type: "audio/wav" });
}

function startRecorder(button: HTMLButtonElement): void {
  const field = document.getElementById(button.dataset.record!) as HTMLInputElement;
  const player = button.parentElement!.querySelector("audio")!;
  let recorder: MediaRecorder | undefined;

  const show = (recording: boolean): void => button.setAttribute("aria-pressed", String(recording));

  async function record(): Promise<void> {
    const voice = await navigator.mediaDevices.getUserMedia({ audio: true });
    const parts: Blob[] = [];
    recorder = new MediaRecorder(voice);
    recorder.addEventListener("dataavailable", (event) => parts.push(event.data));
    recorder.addEventListener("stop", () => {
      for (const track of voice.getTracks()) track.stop();
      recorder = undefined;
      show(false);
      void asWav(new Blob(parts)).then((file) => {
        const files = new DataTransfer();
        files.items.add(file);
        field.files = files.files;
        player.src = URL.createObjectURL(file);
        player.hidden = false;
      });
    });
    recorder.start();
    show(true);
  }

  button.addEventListener("click", () => {
    if (recorder) recorder.stop();
    else void record().catch(() => (button.disabled = true));
  });
}

for (const button of document.querySelectorAll<HTMLButtonElement>("[data-record]")) startRecorder(button);
