import sys, time
sys.path.insert(0,'/tmp/h/wb/tests/browser')
from devtools import Browser
t=time.time()
with Browser() as b:
    p=b.open('/tmp/h/b/bad.html')
    print(time.time()-t, p.complaints(), p.requests()); 
    d=p.pdf(); open('/tmp/h/b/bad.pdf','wb').write(d); print(len(d)); print(time.time()-t)
