/** A text field as tall as its text. The reason it is measured: not every shell sizes fields by content. */
export function autosize(field: HTMLTextAreaElement): () => void {
  const fit = () => {
    field.style.blockSize = 'auto';
    field.style.blockSize = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`;
  };
  const width = new ResizeObserver(fit);
  field.addEventListener('input', fit);
  width.observe(field);
  fit();
  return () => {
    field.removeEventListener('input', fit);
    width.disconnect();
  };
}
